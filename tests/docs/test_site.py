"""The documentation as a site: it builds without a warning, and it misses no public name."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest

import clicksession as cs
from clicksession.readers import READERS
from clicksession.readers.base import Reason

ROOT = Path(__file__).parents[2]


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason='needs mkdocs: pip install "clicksession[docs]"')
    pytest.importorskip("mkdocstrings", reason='needs mkdocs: pip install "clicksession[docs]"')
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    home = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="https?:[^"]*"', home) == []
    for notebook in (ROOT / "examples").glob("*.ipynb"):
        folder = tmp_path / "notebooks" / notebook.stem
        shown = (folder / "index.html").read_text(encoding="utf-8")
        assert "clicksession-card" in shown
        assert (folder / notebook.name).read_bytes() == notebook.read_bytes()
        pictures = re.findall(r'<img alt="([^"]+)" src="(\d+\.png)"', shown)
        stored = notebook.read_text(encoding="utf-8").count('"image/png"')
        assert len(pictures) == stored == len(list(folder.glob("*.png")))


def test_the_reference_has_every_public_name() -> None:
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs/reference").glob("*.md")]
    shown = set(re.findall(r"^::: (\S+)$", "\n".join(pages), re.MULTILINE))
    modules = {"__version__", "datasets", "errors", "formats", "metrics", "plots", "quality", "sql"}
    names = {f"clicksession.{name}" for name in cs.__all__ if name not in modules}
    names |= {f"clicksession.metrics.{name}" for name in cs.metrics.__all__}
    names |= {f"clicksession.datasets.{name}" for name in cs.datasets.__all__}
    names |= {f"clicksession.quality.{name}" for name in cs.quality.__all__}
    names |= {f"clicksession.plots.{name}" for name in cs.plots.__all__}
    names |= {f"clicksession.formats.{format.__name__}" for format in get_args(cs.formats.Format)}
    assert names <= shown


def test_the_page_on_bad_rows_has_every_reason_and_no_other() -> None:
    page = (ROOT / "docs/how-to/read-bad-rows.md").read_text(encoding="utf-8")
    table = page.partition("| Reason | The row |\n")[2].partition("\n\n")[0]
    named = [
        reason for row in table.splitlines() for reason in re.findall(r"`(\w+)`", row.split("|")[1])
    ]
    assert sorted(named) == sorted(Reason)


def test_the_page_on_formats_has_every_format() -> None:
    page = (ROOT / "docs/how-to/read-formats.md").read_text(encoding="utf-8")
    table = page.partition("| Format | What it may look like |\n")[2].partition("\n\n")[0]
    named = {
        name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    assert named == set(READERS.names())


def test_the_page_on_design_has_every_part_and_the_layers_of_the_check() -> None:
    page = (ROOT / "docs/explanation/design.md").read_text(encoding="utf-8")
    table = page.partition("| Part | What it holds |\n")[2].partition("\n\n")[0]
    named = {
        name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    parts = {path.stem for path in (ROOT / "src/clicksession").iterdir()}
    assert named == {name for name in parts if name not in {"py", "__pycache__", "testing"}}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    shown = page.partition("```text\ncli\n")[2].partition("```")[0]
    assert f"cli\n{shown}".splitlines() == [layer.replace("clicksession.", "") for layer in layers]


def test_the_readme_names_every_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    said = (ROOT / "README.md").read_text(encoding="utf-8").partition("Extras, as in")[2]
    extras = set(project["project"]["optional-dependencies"])
    assert {name for name in extras if f"`{name}`" not in said.partition("\n\n")[0]} == set()


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_links_lead_to_files(page: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []
