"""The documentation as a site: it builds without a warning, and it misses no public name."""

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import clicksession as cs

ROOT = Path(__file__).parents[2]


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason='needs mkdocs: pip install "clicksession[docs]"')
    pytest.importorskip("mkdocstrings", reason='needs mkdocs: pip install "clicksession[docs]"')
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    home = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="https?:[^"]*"', home) == []


def test_the_reference_has_every_public_name() -> None:
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs/reference").glob("*.md")]
    shown = set(re.findall(r"^::: (\S+)$", "\n".join(pages), re.MULTILINE))
    modules = {"__version__", "datasets", "errors", "formats", "metrics", "quality", "sql"}
    names = {f"clicksession.{name}" for name in cs.__all__ if name not in modules}
    names |= {f"clicksession.metrics.{name}" for name in cs.metrics.__all__}
    names |= {f"clicksession.datasets.{name}" for name in cs.datasets.__all__}
    names |= {f"clicksession.quality.{name}" for name in cs.quality.__all__}
    names |= {f"clicksession.formats.{format.__name__}" for format in get_args(cs.formats.Format)}
    assert names <= shown


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_links_lead_to_files(page: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []
