"""What the site has beyond its pages: diagrams, a version, and the place of each page's source."""

import re
import subprocess
from os import environ
from pathlib import Path
from typing import Any
from zlib import crc32

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

import clicksession

ROOT = Path(__file__).parents[2]

# What weighs more in the search where several pages have a word, and what less: 1 is the rest.
WEIGHTS = {
    "how-to/attribution.md": 3,
    "how-to/bounce.md": 3,
    "how-to/choose-a-timeout.md": 3,
    "how-to/conversion.md": 3,
    "how-to/funnel.md": 3,
    "how-to/landing-pages.md": 3,
    "how-to/report.md": 5,
    "how-to/retention.md": 3,
    "how-to/use-the-shell.md": 3,
    "reference/metrics.md": 2,
    "how-to/questions.md": 0.3,
    "explanation/design.md": 0.3,
    "changelog.md": 0.2,
}

# Forges whose address of a file to edit is known.
_EDIT = {"github.com": "edit", "codeberg.org": "_edit", "gitlab.com": "-/edit"}
_FORGE = re.compile(r"^(?:https://|git@)([\w.]+)[/:]([\w./-]+?)(?:\.git)?/?$")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Tell the templates the version, and have fences of Mermaid drawn."""
    config.extra["version_here"] = clicksession.__version__
    fences = config.mdx_configs.setdefault("pymdownx.superfences", {})
    fences["custom_fences"] = [{"name": "mermaid", "class": "mermaid", "format": _diagram}]
    return config


def on_page_markdown(markdown: str, page: Page, **_: object) -> None:
    """Say how much a page weighs in the search."""
    page.meta["search"] = {"boost": WEIGHTS.get(page.file.src_uri, 1)}


def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, **_: object
) -> dict[str, Any]:
    """Say what file a page is, and where it can be edited if the clone says where it is from."""
    source = page.meta.setdefault("source", f"docs/{page.file.src_uri}")
    page.edit_url = edit_url(_remote(), source)
    return context


def edit_url(remote: str, path: str) -> str | None:
    """Return the address under which a file of a repository is edited, or None."""
    found = _FORGE.match(remote)
    if not found or found[1] not in _EDIT:
        return None
    return f"https://{found[1]}/{found[2]}/{_EDIT[found[1]]}/main/{path}"


def _remote() -> str:
    # Read the Docs says where it cloned from; elsewhere git knows.
    return environ.get("READTHEDOCS_GIT_CLONE_URL") or _origin()


def _origin() -> str:
    command = ["git", "config", "--get", "remote.origin.url"]
    try:
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return said.stdout.strip()


def _diagram(
    source: str, language: str, css_class: str, options: object, md: object, **_: object
) -> str:
    from mermaidx import render

    config = {"htmlLabels": False, "flowchart": {"htmlLabels": False}}
    svg = render(source, theme="base", config=config).svg()
    # Each drawing styles what is in it by its id, so two on a page need two.
    name = f"diagram-{crc32(source.encode()):x}"
    return f'<div class="diagram">{svg.replace("my-svg", name)}</div>'
