r"""Apache's ``LogFormat``.

https://httpd.apache.org/docs/2.4/mod/mod_log_config.html, read in 2026. Apache writes ``\"`` for a
quote, ``\\`` for a backslash, ``\x16`` for a byte that cannot be shown, and ``-`` for what there is
none of, or what is not to be written with the status at hand (``%!200,304{Referer}i``).
"""

import re

from clicksession.log_format.clients import CLOCK_TIME
from clicksession.log_format.pieces import FormatError, Piece, Variable

__all__ = ["apache_pieces"]

_WORD = r"""(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+))"""
_LOG_FORMAT = re.compile(rf"(?:LogFormat|TransferLog)\s+{_WORD}.*", re.IGNORECASE | re.DOTALL)
_CUSTOM_LOG = re.compile(
    r"""CustomLog\s+(?:"(?:[^"\\]|\\.)*"|\S+)\s+""" rf"{_WORD}.*", re.IGNORECASE | re.DOTALL
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\s+[\w-]+)?')
_ESCAPE = re.compile(r"""\\(["'\\tn])""")
_LETTERS = {"t": "\t", "n": "\n"}
_DIRECTIVE = re.compile(r"%(?:%|[!<>,\d]*(?:\{([^}]*)\})?((?:\^[A-Z]{2}|\^t[io])|[A-Za-z]))")

_WHOLE = r"\d{1,18}"
_TAKEN = {"us": "microseconds", "ms": "milliseconds", "s": "seconds"}
# What has no name of its own in braces: the column, the kind, the pattern.
_KNOWN = {
    "a": ("address", "clients", ""),
    "A": ("local_address", "text", ""),
    "b": ("bytes", "whole", _WHOLE),
    "B": ("bytes", "whole", _WHOLE),
    "D": ("duration_microseconds", "whole", _WHOLE),
    "f": ("file", "text", ""),
    "h": ("address", "clients", ""),
    "H": ("protocol", "text", ""),
    "I": ("bytes_received", "whole", _WHOLE),
    "k": ("keepalive_requests", "whole", _WHOLE),
    "l": ("ident", "text", ""),
    "L": ("request_log_id", "text", ""),
    "m": ("method", "text", ""),
    "O": ("bytes_sent", "whole", _WHOLE),
    "p": ("server_port", "whole", _WHOLE),
    "P": ("process_id", "whole", _WHOLE),
    "q": ("query", "text", r"(?:\?[^ \"]*)?"),
    "r": ("request", "request", ""),
    "R": ("handler", "text", ""),
    "s": ("status", "whole", r"\d{3}"),
    "S": ("bytes_transferred", "whole", _WHOLE),
    "T": ("duration_seconds", "whole", _WHOLE),
    "u": ("remote_user", "user", ""),
    "U": ("path", "text", ""),
    "v": ("server_name", "text", ""),
    "V": ("server_name", "text", ""),
    "X": ("connection_status", "text", r"[X+-]"),
    "^FB": ("first_byte_microseconds", "whole", _WHOLE),
    "^FU": ("first_user_byte_microseconds", "whole", _WHOLE),
}
_HEADERS = {"referer": "referer", "user-agent": "agent"}
_CLIENTS = {"x-forwarded-for", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip"}
_FROM = {"C": "cookie_", "e": "env_", "n": "note_", "o": "response_", "^ti": "trailer_"}
_FROM |= {"^to": "response_trailer_"}

# Of ``%{…}t``: times and parts of them in forms of its own, and in those of strftime.
_COUNTS = {
    "sec": ("epoch", r"\d{1,12}", False),
    "msec": ("epoch_milliseconds", r"\d{1,15}", False),
    "usec": ("epoch_microseconds", r"\d{1,18}", False),
    "msec_frac": ("fraction", r"\d{3}", True),
    "usec_frac": ("fraction", r"\d{6}", True),
    "%s": ("epoch", r"\d{1,12}", False),
}
_PARTS = {
    "Y": ("year", r"\d{4}"),
    "m": ("month", r"\d\d"),
    "b": ("month_name", r"[A-Z][a-z][a-z]"),
    "h": ("month_name", r"[A-Z][a-z][a-z]"),
    "d": ("day", r"\d\d"),
    "e": ("day", r"[ \d]\d"),
    "H": ("hour", r"\d\d"),
    "M": ("minute", r"\d\d"),
    "S": ("second", r"\d\d"),
    "z": ("zone", r"[+-]\d{4}"),
}
_SHORT = {"T": "%H:%M:%S", "R": "%H:%M", "F": "%Y-%m-%d", "n": "\n", "t": "\t"}
_STRFTIME = re.compile(r"%([A-Za-z%])")


def apache_pieces(text: str) -> tuple[list[Piece], str]:
    """Return what a format of Apache is made of, and how it escapes."""
    text = _meant(re.sub(r"\\\n\s*", "", text))
    pieces: list[Piece] = []
    place = 0
    for found in _DIRECTIVE.finditer(text):
        pieces += [text[place : found.start()], *_of_directive(found)]
        place = found.end()
    pieces.append(text[place:])
    if lost := re.search("%.{0,12}", _DIRECTIVE.sub("", text)):
        raise FormatError(f"{lost[0]!r} is nothing that Apache writes")
    return pieces, "default"


def _meant(text: str) -> str:
    """Return a format without the quotes and escapes of the configuration."""
    found = _LOG_FORMAT.fullmatch(text) or _CUSTOM_LOG.fullmatch(text)
    if found:
        text = next((word for word in found.groups() if word is not None), "")
    elif found := _STRING.fullmatch(text):
        text = found[1]
    return _ESCAPE.sub(lambda found: _LETTERS.get(found[1], found[1]), text)


def _of_directive(found: re.Match[str]) -> list[Piece]:
    name, letter = found.groups()
    if letter is None:
        return ["%"]
    if letter == "t" and name is not None:
        return _time_pieces(name, found[0])
    if letter == "t":
        return ["[", Variable("time", found[0], "time", CLOCK_TIME, fixed=True, part="clock"), "]"]
    return [_variable(name, letter, found[0])]


def _time_pieces(form: str, spelled: str) -> list[Piece]:
    """Return what a form of times is made of: ``%{form}t``.

    Raises
    ------
    FormatError
        The form says a time in a way that is not read.
    """
    stage, colon, rest = form.partition(":")
    name = "time"
    if colon and stage in ("begin", "end"):
        form, name = rest, "end_time" if stage == "end" else "time"
    if form in _COUNTS:
        part, pattern, fixed = _COUNTS[form]
        return [Variable(name, spelled, "time", pattern, fixed, part=part)]
    form = _STRFTIME.sub(lambda found: _SHORT.get(found[1], found[0]), form)
    pieces: list[Piece] = []
    place = 0
    for found in _STRFTIME.finditer(form):
        pieces.append(form[place : found.start()])
        place = found.end()
        if found[1] == "%":
            pieces.append("%")
        elif found[1] in _PARTS:
            part, pattern = _PARTS[found[1]]
            pieces.append(Variable(name, spelled, "time", pattern, fixed=True, part=part))
        else:
            known = " ".join(f"%{letter}" for letter in [*_PARTS, "F", "R", "T", "s"])
            raise FormatError(
                f"{found[0]!r} in {spelled!r} is not read", f"Times may have {known}."
            )
    return [*pieces, form[place:]]


def _variable(name: str | None, letter: str, spelled: str) -> Variable:
    if name is None and letter in _KNOWN:
        column, kind, pattern = _KNOWN[letter]
        begins = {"U": "/", "q": "?"}.get(letter, "")
        fixed = letter in ("s", "X")
        return Variable(column, spelled, kind, pattern, fixed, begins)
    if letter == "i" and name:
        kind = "clients" if name.lower() in _CLIENTS else "text"
        kind = "words" if name.lower() in ("user-agent", "cookie") else kind
        return Variable(_HEADERS.get(name.lower(), name), spelled, kind)
    if letter in ("a", "h") and name == "c":
        return Variable("peer_address", spelled, "clients")
    if letter == "T" and name in _TAKEN:
        return Variable(f"duration_{_TAKEN[name]}", spelled, "whole", _WHOLE)
    if letter == "p":
        column = {"remote": "port", "local": "local_port"}.get(str(name), "server_port")
        return Variable(column, spelled, "whole", _WHOLE)
    if letter == "P":
        return Variable("thread_id" if "tid" in str(name) else "process_id", spelled)
    if letter in _FROM and name:
        return Variable(f"{_FROM[letter]}{name}", spelled)
    # What other modules add, such as mod_ssl's %{SSL_PROTOCOL}x.
    return Variable(name or spelled.lstrip("%"), spelled)
