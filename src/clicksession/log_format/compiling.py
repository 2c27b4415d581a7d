"""From the pieces of a log format to one regular expression."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from clicksession.log_format.clients import CLIENTS, USER, WORDS
from clicksession.log_format.pieces import FormatError, Piece, Variable

__all__ = ["LogLine", "compiled"]

_PLACED = ("year", "day", "hour", "minute")
_WHOLE_TIMES = ("clock", "iso", "epoch", "epoch_milliseconds", "epoch_microseconds")
_ADDED = ("fraction", "zone")
_STRICT = {"clients": f"^(?:{CLIENTS})$", "user": f"^(?:{USER}|{WORDS})$"}
_REQUEST = r"(?:[A-Za-z]+ [^ ]+(?: HTTP/[0-9.]+)?|-)"


@dataclass(frozen=True)
class LogLine:
    """The form of a line.

    Attributes
    ----------
    pattern
        A regular expression of RE2 for a whole line, with a group for each field.
    fields
        What the groups hold, in their order.
    escape
        How what stands in quotes is escaped: ``"default"``, ``"json"`` or ``"none"``.
    """

    pattern: str
    fields: tuple[Variable, ...]
    escape: str


def compiled(given: Sequence[Piece], escape: str) -> LogLine:
    """Return the form of a line that is made of these pieces.

    Raises
    ------
    FormatError
        Two of them cannot be told apart in a line, or its time is not whole.
    """
    if escape not in ("default", "json", "none"):
        raise FormatError(f"its escape={escape} is none of nginx's: default, json, none")
    pieces = _named(_merged(given))
    if any("\n" in piece for piece in pieces if isinstance(piece, str)):
        raise FormatError("a record of several lines cannot be read")
    parts = [
        re.escape(piece)
        if isinstance(piece, str)
        else f"(?P<field{place}>{_pattern(pieces, place, escape)})"
        for place, piece in enumerate(pieces)
    ]
    fields = tuple(
        replace(piece, strict=_strict(pieces, place))
        for place, piece in enumerate(pieces)
        if isinstance(piece, Variable)
    )
    _check_times(fields)
    return LogLine(f"^{''.join(parts)}$", fields, escape)


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces without empty texts, and without texts side by side."""
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        elif piece != "":
            merged.append(piece)
    return merged


def _named(pieces: list[Piece]) -> list[Piece]:
    """Return pieces of which no two fields have one name; parts of one time share its own."""
    seen: set[str] = set()
    parts: dict[str, set[str]] = {}
    named: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Variable):
            name, number = piece.name, 2
            while name in seen if piece.kind != "time" else not _joins(piece.part, parts, name):
                name, number = f"{piece.name}_{number}", number + 1
            if piece.kind == "time":
                parts.setdefault(name, set()).add(piece.part)
            seen.add(name)
            piece = replace(piece, name=name)
        named.append(piece)
    return named


def _joins(part: str, parts: dict[str, set[str]], name: str) -> bool:
    """Say whether a part belongs to the time of this name."""
    there = parts.get(name, set())
    whole = there & set(_WHOLE_TIMES)
    if part in _WHOLE_TIMES:
        return not there - {"fraction"}
    return part not in there and (part in _ADDED or not whole)


def _check_times(fields: tuple[Variable, ...]) -> None:
    times: dict[str, set[str]] = {}
    for field in fields:
        if field.kind == "time":
            times.setdefault(field.name, set()).add(field.part)
    for parts in times.values():
        placed = parts.issuperset(_PLACED) and parts & {"month", "month_name"}
        if not placed and not parts & set(_WHOLE_TIMES):
            said = ", ".join(sorted(parts)).replace("_", " ")
            raise FormatError(
                f"its time has no more than: {said}", "A time needs a date, hours and minutes."
            )


def _pattern(pieces: list[Piece], place: int, escape: str) -> str:
    """Return the form of a field's values, which ends where what follows it begins."""
    field, before, after = pieces[place], _at(pieces, place - 1), _at(pieces, place + 1)
    assert isinstance(field, Variable)
    if isinstance(before, str) and isinstance(after, str) and before[-1:] == after[:1] == '"':
        return _in_quotes(field, escape)
    if isinstance(after, Variable):
        return _beside(field, after)
    if field.pattern:
        return _or_nothing(field)
    if field.kind == "user" and re.match(r' ["\[(]', after or ""):
        return r'[^"\[(]*'
    if field.kind == "request" and (after or " ")[0] == " ":
        return _REQUEST
    has_blanks = _has_blanks(pieces)
    if not after and not has_blanks and isinstance(before, str):
        # What stands before the last field stands between the others: it may not hold that.
        mark = before.strip("[]()\"'")[:1]
        return f"[^{re.escape(mark)}]*" if mark else r"\S*"
    return _up_to(field, after or "", has_blanks)


def _strict(pieces: list[Piece], place: int) -> str:
    """Return what a field must be that is found by less."""
    field, before = pieces[place], _at(pieces, place - 1)
    assert isinstance(field, Variable)
    in_quotes = isinstance(before, str) and before.endswith('"')
    return "" if in_quotes else _STRICT.get(field.kind, "")


def _at(pieces: list[Piece], place: int) -> Piece | None:
    return pieces[place] if 0 <= place < len(pieces) else None


def _or_nothing(field: Variable) -> str:
    return field.pattern if field.kind == "time" else f"(?:{field.pattern}|-)"


def _in_quotes(field: Variable, escape: str) -> str:
    if field.pattern:
        return field.pattern if field.kind == "time" else f"(?:{field.pattern}|-|)"
    return '[^"]*' if escape == "none" else r'(?:[^"\\]|\\.)*'


def _beside(field: Variable, after: Variable) -> str:
    """Return the form of a field that another follows with nothing between."""
    if field.pattern and (field.fixed or after.fixed or after.begins):
        return _or_nothing(field) if field.kind == "time" else field.pattern
    if not field.pattern and field.kind == "text" and after.begins:
        return f"[^ {re.escape(after.begins)}]*"
    raise FormatError(
        f"{field.spelled} and {after.spelled} stand side by side: where one ends cannot be told",
        "Have the server write something between them.",
    )


def _has_blanks(pieces: list[Piece]) -> bool:
    """Say whether blanks stand between fields: then no text outside of quotes holds one."""
    return any(
        isinstance(piece, str) and " " in piece and not _is_in_time(pieces, place)
        for place, piece in enumerate(pieces)
    )


def _is_in_time(pieces: list[Piece], place: int) -> bool:
    """Say whether a text stands between two parts of one time."""
    before, after = _at(pieces, place - 1), _at(pieces, place + 1)
    return (
        isinstance(before, Variable)
        and isinstance(after, Variable)
        and before.kind == after.kind == "time"
        and before.name == after.name
    )


def _up_to(field: Variable, after: str, has_blanks: bool) -> str:
    """Return the form of a text that ends at another."""
    if field.kind == "words":
        if not after:
            return ".*"
        mark = after.lstrip(" ")[:1]
        if not mark or mark.isalnum():
            raise FormatError(
                f"{field.spelled} may hold blanks: where it ends cannot be told",
                f'Have the server write it in quotes: "{field.spelled}".',
            )
        return f"[^{re.escape(mark)}]*"
    if after[:1].isalnum():
        raise FormatError(
            f"{field.spelled} ends at {after!r}, which it may hold: where cannot be told",
            "Have the server write a blank or a quote between them.",
        )
    if field.kind in ("clients", "list"):
        # An address may hold colons.
        mark = re.escape(after[:1].strip(" ").strip(":" if field.kind == "clients" else ""))
        return f"[^ ,{mark}]*(?:(?:, ?| : )[^ ,{mark}]+)*"
    if not after:
        return r"\S*"
    return f"[^{' ' if has_blanks else ''}{re.escape(after[0])}]*"
