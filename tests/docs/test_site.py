"""The documentation as a site: it builds without a warning, and it misses no public name."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
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
    pages = {page: page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.html")}
    assert [page for page, text in pages.items() if _asked_outside(text)] == []
    sheets = "".join(sheet.read_text(encoding="utf-8") for sheet in tmp_path.rglob("*.css"))
    assert re.findall(r"url\(['\"]?https?:", sheets) == []
    home = pages[tmp_path / "index.html"]
    # Drawn while building: Mermaid in the browser would come from elsewhere.
    assert '<div class="diagram"><svg' in home
    assert not [page for page, text in pages.items() if 'class="mermaid"' in text]
    assert f"clicksession {cs.__version__}" in home
    assert 'href="changelog/">Changes</a>' in home
    _signatures_are_on_several_lines(pages[tmp_path / "reference/sessions/index.html"])
    _shows_every_notebook(tmp_path)
    _weighs_pages_in_the_search(tmp_path)


def _asked_outside(page: str) -> list[str]:
    return re.findall(r'<(?:link|script|img|iframe|source)[^>]*(?:href|src)="https?:[^"]*"', page)


def _signatures_are_on_several_lines(page: str) -> None:
    text = re.sub(r"<[^>]+>", "", page)
    assert "sessionize(\n    events: FrameT,\n" in text


def _weighs_pages_in_the_search(site: Path) -> None:
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    weights = {entry["location"]: entry.get("boost", 1) for entry in index["docs"]}
    assert weights["how-to/bounce/"] > weights["reference/metrics/"] > weights["how-to/questions/"]


def _shows_every_notebook(site: Path) -> None:
    for notebook in (ROOT / "examples").glob("*.ipynb"):
        folder = site / "notebooks" / notebook.stem
        shown = (folder / "index.html").read_text(encoding="utf-8")
        assert "clicksession-card" in shown
        assert (folder / notebook.name).read_bytes() == notebook.read_bytes()
        pictures = re.findall(r'<img alt="([^"]+)" src="(\d+\.png)"', shown)
        stored = notebook.read_text(encoding="utf-8").count('"image/png"')
        assert len(pictures) == stored == len(list(folder.glob("*.png")))


def test_names_are_searched_by_their_words() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    found = re.search(r"separator: '(.*)'", site)
    assert found is not None

    def words(name: str) -> list[str]:
        return [word for word in re.split(found[1], name) if word]

    assert words("SessionDuration") == words("Session Duration") == ["Session", "Duration"]
    assert words("cs.read_events(log)") == ["cs", "read", "events", "log"]


def test_what_weighs_in_the_search_is_a_page() -> None:
    weights = _of_the_site("hooks").WEIGHTS
    assert [page for page in weights if not (ROOT / "docs" / page).is_file()] == []


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/some/one.git", "https://github.com/some/one/edit/main/docs/a.md"),
        ("git@github.com:some/one.git", "https://github.com/some/one/edit/main/docs/a.md"),
        ("https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c/-/edit/main/docs/a.md"),
        ("https://user:secret@github.com/some/one.git", None),
        ("https://forge.example/some/one", None),
        ("/srv/git/one", None),
        ("", None),
    ],
)
def test_a_page_can_be_edited_where_the_clone_is_from(remote: str, address: str | None) -> None:
    hooks = _of_the_site("hooks")
    assert hooks.edit_url(remote, "docs/a.md") == address


def test_the_drawings_are_those_that_the_program_makes() -> None:
    made = _of_the_site("pictures").drawings()
    kept = {
        path.name: path.read_text(encoding="utf-8")
        for path in (ROOT / "docs/pictures").glob("*.svg")
    }
    assert {name: text for name, text in kept.items() if name in made} == made


def _of_the_site(name: str) -> ModuleType:
    pytest.importorskip("mkdocs", reason='needs mkdocs: pip install "clicksession[docs]"')
    path = ROOT / "docs/.site" / f"{name}.py"
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[name]
    return module


def test_the_reference_has_every_public_name() -> None:
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs/reference").glob("*.md")]
    shown = set(re.findall(r"^::: (\S+)$", "\n".join(pages), re.MULTILINE))
    modules = {
        "__version__",
        "datasets",
        "errors",
        "formats",
        "metrics",
        "plots",
        "quality",
        "sql",
        "warehouse",
    }
    names = {f"clicksession.{name}" for name in cs.__all__ if name not in modules}
    names |= {f"clicksession.metrics.{name}" for name in cs.metrics.__all__}
    names |= {f"clicksession.datasets.{name}" for name in cs.datasets.__all__}
    names |= {f"clicksession.quality.{name}" for name in cs.quality.__all__}
    names |= {f"clicksession.plots.{name}" for name in cs.plots.__all__}
    names |= {f"clicksession.warehouse.{name}" for name in cs.warehouse.__all__}
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
