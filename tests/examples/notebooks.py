"""Run the notebooks of the examples and keep what they show.

``python -m tests.examples.notebooks`` runs all of them anew in place, or those that it is given.
"""

import os
import re
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

import clicksession as cs

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))

# What the clock says: how long something took, and how fast it was.
_CLOCK = ((r"\bin [\d.,]+ s\b", "in … s"), (r" events \[[^\]]*\]", " events […]"))
_STRICT = "import warnings; warnings.simplefilter('error')"
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def executed(path: Path) -> NotebookNode:
    """Return a notebook as a clean kernel runs it, in an empty folder, with warnings as errors."""
    book = nbformat.read(path, as_version=4)
    book.cells.insert(0, nbformat.v4.new_code_cell(_STRICT))
    # What the kernel says as it ends is no error of the notebook.
    book.cells.append(nbformat.v4.new_code_cell("warnings.resetwarnings()"))
    # The kernel draws by its own backend, whatever the tests draw by.
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    # The library that is tested here, also where the path to it is a relative one.
    environment["PYTHONPATH"] = str(Path(cs.__file__).parents[1])
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # Of the kernel's own start: whether its connection is encrypted is its matter.
        warnings.simplefilter("ignore")
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(book, timeout=300, kernel_name="python3", resources=resources)
        client.execute(env=environment)
    book.cells = book.cells[1:-1]
    return _steady(book)


def shown(book: NotebookNode) -> list[list[str]]:
    """Return the texts that the cells of a notebook show."""
    return [
        [text for output in cell.get("outputs", []) for text in _texts(output)]
        for cell in book.cells
    ]


def _steady(book: NotebookNode) -> NotebookNode:
    """Return a notebook without what differs from run to run."""
    book.metadata = nbformat.from_dict(_METADATA)
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number}"
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [_timeless(output) for output in cell.outputs]
    return book


def _timeless(output: NotebookNode) -> NotebookNode:
    if "execution_count" in output:
        output.execution_count = None
    if output.output_type == "stream":
        output.text = _masked(output.text)
    for kind, content in output.get("data", {}).items():
        if kind.startswith("text/"):
            output.data[kind] = _masked(content)
    return output


def _masked(text: str) -> str:
    for pattern, mask in _CLOCK:
        text = re.sub(pattern, mask, text)
    return text


def _texts(output: Any) -> list[str]:
    if output.output_type == "stream":
        return [output.text]
    data = sorted(output.get("data", {}).items())
    texts = [f"{kind}\n{content}" for kind, content in data if kind.startswith("text/")]
    # How it looks is no part of what it says.
    return [re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL) for text in texts]


if __name__ == "__main__":
    for path in [Path(name) for name in sys.argv[1:]] or NOTEBOOKS:
        nbformat.write(executed(path), path)
