"""Run the command line, and end with a code that says how it went."""

import os
import re
import signal
import sys
import warnings
from collections.abc import Sequence
from types import FrameType
from typing import Any, TextIO

import click

from clicksession.cli.app import Kept, app
from clicksession.cli.output import OutputClosed, say
from clicksession.errors import ClicksessionError, NotFoundWarning

__all__ = ["main"]

FAILED, INTERRUPTED, CLOSED = 1, 130, 141

_OPTIONS = {"user_id": "user", "timestamp": "time", "event_type": "type", "event_id": "event-id"}

# What a hint of the library says, and what a shell types for it.
_SAID = (
    (
        rf"Map it with schema=EventSchema\(({'|'.join(_OPTIONS)})=…\)",
        lambda found: f"Name it: --{_OPTIONS[found[1]]} FIELD; 'clicksession describe' guesses it",
    ),
    (r"schema=EventSchema\.preset\(…\)", lambda found: "--preset NAME"),
    (r"(?:schema=)?EventSchema\(time_format=…\)", lambda found: "--time-format"),
    (r"format=formats\.(?:CSV|TSV)\(delimiter=\"(.)\"\)", lambda found: f"-d '{found[1]}'"),
    (r"format=formats\.(?:CSV|TSV)\(encoding=…\)", lambda found: "--encoding NAME"),
    (r"format=formats\.(?:CSV|TSV)\(skip=…\)", lambda found: "--skip-lines N"),
    (r"columns=\[…\]", lambda found: "--columns a,b,c"),
    (r'format="(\w+)"', lambda found: f"--format {found[1]}"),
    (r"time_unit=…", lambda found: "--time-unit"),
    (r'on_error="quarantine"', lambda found: "--quarantine FILE"),
    (r"run\(…, rebuild=True\), or SQLWriter\.rebuild\((?:schema)?\)", lambda found: "--rebuild"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the code to exit with.

    0: done. 1: an error that its message explains. 2: wrong usage. 130: Ctrl-C. 141: whoever read
    the output stopped reading. What is a bug of the library comes out with its traceback.
    """
    interrupts = _Interrupts()
    with interrupts, warnings.catch_warnings():
        warnings.showwarning = _show_warning
        warnings.simplefilter("always", NotFoundWarning)
        try:
            return _run(arguments)
        except OutputClosed:
            _forget_output()
            return CLOSED
        except Exception:
            # A database that is interrupted raises an error of its own.
            if not interrupts.came:
                raise
        except KeyboardInterrupt:
            pass
    say("Interrupted.")
    return INTERRUPTED


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = app.main(arguments, prog_name="clicksession", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ClicksessionError as error:
        return _failed(_as_options(str(error)))
    except Kept as kept:
        raise kept.error from None
    except click.Abort as abort:
        raise KeyboardInterrupt from abort
    except Exception as error:
        message = _of_users(error)
        if message is None:
            raise
        return _failed(message)
    return code if isinstance(code, int) else 0


def _failed(message: str) -> int:
    say(f"Error: {message}")
    return FAILED


def _as_options(message: str) -> str:
    """Return a message with the options of a shell for what it tells to write in Python.

    Examples
    --------
    >>> _as_options("log.csv: no row has 'at'. Map it with schema=EventSchema(timestamp=…).")
    "log.csv: no row has 'at'. Name it: --time FIELD; 'clicksession describe' guesses it."
    """
    for python, shell in _SAID:
        message = re.sub(python, shell, message)
    return message


def _of_users(error: Exception) -> str | None:
    """Return what to say of an error of the user's files or servers; of a bug, None."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    databases: Any = sys.modules.get("sqlalchemy.exc")
    if databases and isinstance(error, databases.OperationalError | databases.InterfaceError):
        # Its own text shows the statement, and where that came from.
        return f"the database: {str(error.orig).strip()}"
    return None


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    say(f"Warning: {message}")


def _forget_output() -> None:
    """Let what is still to be written go nowhere: Python writes it out at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


class _Interrupts:
    """Knows whether Ctrl-C came, whatever became of it."""

    def __init__(self) -> None:
        self.came = False
        self._before: Any = None

    def __enter__(self) -> None:
        try:
            self._before = signal.signal(signal.SIGINT, self._interrupt)
        except ValueError:
            # Only the main thread hears signals.
            self._before = None

    def __exit__(self, *error: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        raise KeyboardInterrupt
