"""Every block of Python in the README and the documentation runs and prints what its page says."""

import contextlib
import io
import linecache
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from tests.docs.blocks import Block, blocks, difference

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_python_in_docs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if any(block.runs and "SparkSession" in block.code for block in blocks(page)):
        # The page finds the session of the tests, or the reason why there is none.
        request.getfixturevalue("spark")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(ROOT / "examples")
    namespace = vars(ModuleType("page"))
    # What a frame looks like depends on the width of the terminal.
    with pd.option_context("display.width", 100, "display.max_columns", 20):
        for block in blocks(page):
            _check(_name(page), block, namespace)


def test_pages_are_found() -> None:
    assert len(PAGES) > 10
    assert sum(len(blocks(page)) for page in PAGES) > 20


def _check(page: str, block: Block, namespace: dict[str, Any]) -> None:
    place = f"{page}, line {block.line}"
    # Lines are counted as on the page, so that a traceback points into it and shows them.
    source = "\n" * (block.line - 1) + block.code
    linecache.cache[page] = (len(source), None, source.splitlines(keepends=True), page)
    code = compile(source, page, "exec")
    if not block.runs:
        return
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(code, namespace)
    except Exception as error:
        error.add_note(f"in the block at {place}")
        raise
    if block.prints is None:
        return
    wrong = difference(block.prints, output.getvalue())
    if wrong:
        pytest.fail(f"{place}: {wrong}\n\nit printed:\n{output.getvalue()}", pytrace=False)


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("a\nb\n", "a\nb"),
        ("a  \nb", "a\nb  \n\n"),
        ("took … s", "took 1.25 s"),
        ("took ... s", "took 1.25 s"),
        ("a\n…\nd", "a\nb\nc\nd"),
        ("a\n  …\nd", "a\nd"),
    ],
)
def test_what_agrees(said: str, printed: str) -> None:
    assert difference(said, printed) is None


@pytest.mark.parametrize(
    ("said", "printed", "wrong"),
    [
        ("a\nb", "a\nc", "no line for 'b'"),
        ("a\nb", "a", "no line for 'b'"),
        ("a", "a\nb", "more lines than the page shows"),
        ("  a", "a", "no line for 'a'"),
        ("took … s", "took\n1.25 s", "no line for 'took … s'"),
        ("a.b", "axb", "no line for 'a.b'"),
    ],
)
def test_what_differs(said: str, printed: str, wrong: str) -> None:
    assert difference(said, printed) == wrong


def test_output_belongs_to_the_block_right_above_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n```python\nprint(1)\n```\n\n```text\n1\n```\n\n"
        "```python no-run\nprint(2)\n```\n\nIt prints:\n\n```text\nnot this\n```\n\n"
        "    ```python\n    if True:\n        print(3)\n    ```\n\n```sql\nSELECT 1\n```\n"
    )
    assert blocks(page) == [
        Block("print(1)\n", 4, runs=True, prints="1\n"),
        Block("print(2)\n", 12, runs=False, prints=None),
        Block("if True:\n    print(3)\n", 22, runs=True, prints=None),
    ]


def test_a_failure_names_the_page_and_the_line(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n```python\nx = 1\nx / 0\n```\n")
    (block,) = blocks(page)
    with pytest.raises(ZeroDivisionError) as caught:
        _check("page.md", block, {})
    last = caught.traceback[-1]
    assert (str(last.path), last.lineno + 1) == ("page.md", 5)
    assert caught.value.__notes__ == ["in the block at page.md, line 4"]
    page.write_text("```python\nprint(1)\n```\n```text\n2\n```\n")
    (block,) = blocks(page)
    with pytest.raises(pytest.fail.Exception, match=r"page\.md, line 2: no line for '2'"):
        _check("page.md", block, {})
