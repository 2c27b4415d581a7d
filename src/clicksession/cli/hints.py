"""What an error says in Python, said as the options of a shell."""

import re

__all__ = ["as_options"]

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


def as_options(message: str) -> str:
    """Return a message with the options of a shell for what it tells to write in Python.

    Examples
    --------
    >>> as_options("log.csv: no row has 'at'. Map it with schema=EventSchema(timestamp=…).")
    "log.csv: no row has 'at'. Name it: --time FIELD; 'clicksession describe' guesses it."
    """
    for python, shell in _SAID:
        message = re.sub(python, shell, message)
    return message
