"""The figures on the first pages are those that programs gave."""

import re
from pathlib import Path

import pytest
from benchmarks.lag import Wrong, measure

ROOT = Path(__file__).parents[2]
FIRST = ["README.md", "docs/index.md"]


@pytest.fixture(scope="module")
def measured() -> dict[str, Wrong]:
    return measure()


def test_what_a_lag_query_gets_wrong(measured: dict[str, Wrong]) -> None:
    lag, ours = measured["LAG"], measured["clicksession"]
    assert (ours.of_nobody, ours.torn, ours.twice) == (0, 0, 0)
    for page in FIRST:
        text = (ROOT / page).read_text(encoding="utf-8")
        assert f"{lag.right:,} sessions" in text
        said = re.findall(r"^\| sessions .* \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
        counted = [(lag.torn, ours.torn), (lag.of_nobody, ours.of_nobody), (lag.twice, ours.twice)]
        assert [(int(theirs), int(own)) for theirs, own in said] == counted


def test_the_speeds_of_the_readme_are_those_of_the_page_on_performance() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("| | seconds | others |\n")[2].partition("\n\n")[0]
    figures = re.findall(r"\d+\.\d+", table)
    page = (ROOT / "docs/explanation/performance.md").read_text(encoding="utf-8")
    assert len(figures) == 14
    assert [figure for figure in figures if not re.search(rf"\| [^|]*\b{figure}\b", page)] == []
