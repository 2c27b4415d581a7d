"""Progress where it is seen: on a terminal and in a notebook, and nowhere else."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import warnings

import nbformat
import pytest
from nbclient import NotebookClient

from clicksession.display import progress_bar

_RUN = """
import pathlib, sys, tempfile
import clicksession as cs
folder = pathlib.Path(tempfile.mkdtemp())
log = cs.datasets.write_webshop(folder / "log.json", customers=20, seed=1)
schema = cs.EventSchema.preset("webshop")
target = f"duckdb:///{folder / 'shop.duckdb'}"
"""


def in_kernel(*cells: str) -> list[nbformat.NotebookNode]:
    """Return the outputs of cells that a kernel ran, to which each warning is an error."""
    with warnings.catch_warnings():
        # Of the kernel's own start: whether its connection is encrypted is its matter.
        warnings.simplefilter("ignore")
        made = [nbformat.v4.new_code_cell(cell) for cell in cells]
        strict = "import warnings; warnings.simplefilter('error')"
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(strict), *made])
        NotebookClient(book, timeout=120, kernel_name="python3").execute()
    return [output for cell in book.cells for output in cell.outputs]


def test_a_notebook_shows_it_without_widgets_unless_told_not_to() -> None:
    hidden = "import sys; sys.modules['ipywidgets'] = None"
    run = "_ = cs.run(log, target, schema=schema)"
    (output,) = in_kernel(hidden, _RUN, run, run.replace("schema)", "schema, progress=False)"))
    assert output.output_type == "display_data"
    assert set(output.data) == {"text/plain"}
    shown = output.data["text/plain"]
    assert re.fullmatch(r"reading: [\d.]+k? events \[00:\d\d, .* events/s\]", shown)


_PROGRAM = """
from clicksession.display import progress_bar
with progress_bar("reading", " events", None) as bar:
    bar.update(3)
"""


def test_a_program_without_a_terminal_shows_none() -> None:
    command = [sys.executable, "-W", "error", "-c", _PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_terminal_shows_it_on_stderr() -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    command = [sys.executable, "-W", "error", "-c", _PROGRAM]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert done.stdout == b""
    assert "reading: 3.00 events" in shown


@pytest.mark.parametrize(("shown", "said"), [(True, True), (None, False), (False, False)])
def test_what_is_asked_for(shown: bool | None, said: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_bar("reading", " events", shown) as bar:
        bar.update(3)
    assert ("reading: 3.00 events" in stream.getvalue()) is said
