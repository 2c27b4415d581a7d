"""``%{…}t`` of Apache: a time, or a part of one, in a form of strftime or of its own."""

import re

from clicksession.log_format.pieces import FormatError, Piece, Variable

__all__ = ["time_pieces"]

_COUNTS = {
    "sec": ("epoch", r"\d{1,12}", False),
    "msec": ("epoch_milliseconds", r"\d{1,15}", False),
    "usec": ("epoch_microseconds", r"\d{1,18}", False),
    "msec_frac": ("fraction", r"\d{3}", True),
    "usec_frac": ("fraction", r"\d{6}", True),
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


def time_pieces(form: str, spelled: str) -> list[Piece]:
    """Return what a form of times is made of.

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
    if form == "%s":
        part, pattern, fixed = _COUNTS["sec"]
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
