"""A bar that shows how far something is: on a terminal, in a notebook, and nowhere else."""

import sys
from importlib import import_module
from typing import Any

__all__ = ["progress_bar"]

# How often a notebook's line is written anew, in seconds: each time is a message to the browser.
_INTERVAL = 0.25


def progress_bar(what: str, unit: str, shown: bool | None) -> Any:
    """Return a bar of tqdm: a context that is told of each step by ``update(count)``.

    On a terminal it is a line of stderr. In a notebook it is a line of the cell's output that
    changes in place. That needs no ``ipywidgets``, without which tqdm's bar for notebooks warns
    and shows nothing, and a notebook that is saved keeps the line as it was last.

    Parameters
    ----------
    what, unit
        What is done, and what is counted.
    shown
        Whether it is shown; None: on a terminal and in a notebook.
    """
    from tqdm.std import tqdm

    options = {"desc": what, "unit": unit, "unit_scale": True}
    if shown is not False and _is_notebook():
        return _in_notebook(tqdm)(**options, mininterval=_INTERVAL, file=_Nowhere())
    # tqdm's own rule for None: shown on a terminal, and nowhere else.
    return tqdm(**options, disable=None if shown is None else not shown)


def _is_notebook() -> bool:
    """Say whether this is a kernel, whose output goes to a notebook or the like."""
    # Whoever runs a kernel has loaded it.
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


class _Nowhere:
    """Where a bar writes that shows itself in another way."""

    encoding = "utf-8"

    def write(self, text: str) -> None:
        """Write nothing."""

    def flush(self) -> None:
        """Do nothing."""


def _in_notebook(tqdm: Any) -> Any:
    """Return the bar as a class that shows its line by the notebook's own means."""
    # A kernel has it; the library does not need it.
    shown: Any = import_module("IPython.display")

    class Bar(tqdm):  # type: ignore[misc]  # tqdm has no types
        line: Any = None

        def display(self, msg: str | None = None, pos: int | None = None) -> bool:
            """Show the line, in place of the one before."""
            text = shown.Pretty(str(self) if msg is None else msg)
            if self.line is None:
                self.line = shown.display(text, display_id=True)
            else:
                self.line.update(text)
            return True

    return Bar
