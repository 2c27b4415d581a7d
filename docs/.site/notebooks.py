"""Show the notebooks of the examples as pages: their cells as Markdown, with stored outputs.

The pages take the look of the site, in light and dark, and its search finds what they say. A plugin
would bring the styles of Jupyter, and scripts from elsewhere.
"""

import base64
import json
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_EXAMPLES = Path(__file__).parents[2] / "examples"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add a page for each notebook, its pictures, and the notebook itself to be downloaded."""
    for path in sorted(_EXAMPLES.glob("*.ipynb")):
        page, pictures = _page(json.loads(path.read_text(encoding="utf-8")), path.stem)
        folder = f"notebooks/{path.stem}"
        files.append(File.generated(config, f"{folder}.md", content=page))
        files.append(File.generated(config, f"{folder}/{path.name}", abs_src_path=str(path)))
        for name, content in pictures.items():
            files.append(File.generated(config, f"{folder}/{name}", content=content))
    return files


def _page(book: dict[str, Any], name: str) -> tuple[str, dict[str, bytes]]:
    """Return a notebook as Markdown, and its pictures by their names."""
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown":
            parts.append(_linked("".join(cell["source"])))
            continue
        parts.append(f"```python\n{''.join(cell['source'])}\n```")
        for output in cell["outputs"]:
            parts.append(_output(output, cell["metadata"].get("alt", ""), name, pictures))
    download = f"[Download this notebook]({name}/{name}.ipynb)."
    title, _, rest = "\n\n".join(parts).partition("\n")
    return f"{title}\n\n{download}\n{rest}\n", pictures


def _linked(text: str) -> str:
    """Return Markdown whose links lead to pages of the site, and not to files of the project."""
    return re.sub(r"\]\((\w+)\.ipynb\)", r"](\1.md)", text.replace("](../docs/", "](../"))


def _output(output: dict[str, Any], alt: str, name: str, pictures: dict[str, bytes]) -> str:
    """Return what a cell shows, in the form that says most."""
    data = output.get("data", {})
    if "image/png" in data:
        picture = f"{len(pictures) + 1}.png"
        pictures[picture] = base64.b64decode("".join(data["image/png"]))
        return f"![{alt}]({name}/{picture})"
    if "text/html" in data:
        # A blank line would end what Markdown leaves as it is.
        lines = "".join(data["text/html"]).splitlines()
        html = "\n".join(line for line in lines if line.strip())
        return f'<div class="notebook-output">\n{html}\n</div>'
    text = "".join(output.get("text", data.get("text/plain", "")))
    return f"```text\n{text.rstrip()}\n```"
