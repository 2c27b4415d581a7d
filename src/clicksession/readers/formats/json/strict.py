"""One JSON value, or why it is none: strictly, so that no two programs read it differently."""

import json
import math
from typing import Any, NoReturn

from clicksession.readers.base import Reason

__all__ = ["MAX_DEPTH", "RefusedError", "kind_of_value", "loaded", "loaded_again", "shown"]

MAX_DEPTH = 100
_SHOWN_BYTES = 80


class RefusedError(Exception):
    """A row that is no event, and why."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


def loaded(line: bytes) -> object:
    """Return the JSON value of a line.

    Raises
    ------
    RefusedError
        It is none, or one that two programs would read differently.
    """
    if b"\0" in line:
        raise RefusedError(Reason.NUL_BYTES, f"holds {line.count(0):,} bytes of zero")
    try:
        value = _DECODER.decode(line.decode("utf-8"))
        if b"\\ud" in line.lower():
            # Half of a surrogate pair is JSON, but no text.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        detail = "holds half a surrogate pair, which is no character"
        raise RefusedError(Reason.HALF_CHARACTER, detail) from None
    except UnicodeDecodeError as error:
        detail = f"is not UTF-8 (byte {error.start + 1})"
        raise RefusedError(Reason.NOT_UTF8, detail) from None
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        detail = f"is no JSON ({error.msg}, column {error.colno}){shown(line)}"
        raise RefusedError(Reason.NOT_JSON, detail) from None
    except ValueError as error:
        # Python reads no whole number of more than 4,300 digits.
        raise RefusedError(Reason.NOT_JSON, f"is no JSON ({error}){shown(line)}") from None
    if line.count(b"{") + line.count(b"[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise _too_deep()
    return value


def loaded_again(line: bytes) -> object:
    """Return the JSON value of a line that Arrow has parsed, which is several times as fast.

    Arrow has refused a key that stands twice and half a surrogate pair.

    Raises
    ------
    RefusedError
        It holds what Arrow takes and `loaded` does not.
    """
    try:
        return _LENIENT_DECODER.decode(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise RefusedError(Reason.NOT_JSON, f"is no JSON ({error})") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RefusedError(Reason.DUPLICATE_KEYS, f"has the key {twice!r} twice in one object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    detail = f"holds {name}, and {name} is no JSON number"
    raise RefusedError(Reason.NOT_A_NUMBER, detail)


def _float(text: str) -> float | str:
    value = float(text)
    # Too large for a float: as text it keeps its digits.
    return value if math.isfinite(value) else text


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_float
)
_LENIENT_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_float)


def _depth(value: object) -> int:
    levels, values = 0, [value]
    while values:
        levels += 1
        inner: list[object] = []
        for item in values:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        values = inner
    return levels - 1


def _too_deep() -> RefusedError:
    return RefusedError(Reason.TOO_DEEP, f"is nested too deep: more than {MAX_DEPTH} levels")


def kind_of_value(value: object) -> str:
    """Return what a value is, as a user would call it."""
    kinds = {str: "a text", bool: "true or false", list: "an array", type(None): "null"}
    return kinds.get(type(value), "a number")


def shown(line: bytes) -> str:
    """Return the beginning of a line, to end a message with."""
    start = line[:_SHOWN_BYTES].decode("utf-8", "replace").strip()
    return f": {start}{'…' if len(line) > _SHOWN_BYTES else ''}" if start else ""
