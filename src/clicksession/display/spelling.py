"""Values as they are typed: only what differs from the defaults, so that it can be pasted back."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

__all__ = ["Verbatim", "call", "differing", "spelled"]


class Verbatim(str):
    """A text that is spelled as it stands, without quotes: code, or what cannot be typed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def call(value: object, given: Mapping[str, Any], *first: Any) -> str:
    """Return a value as the call that makes it.

    Parameters
    ----------
    value
        Whose class is called.
    given
        The arguments with their names.
    *first
        Those before them, without names.

    Examples
    --------
    >>> call(0, {"base": 10}, "7")
    "int('7', base=10)"
    """
    arguments = [*map(spelled, first), *(f"{name}={spelled(one)}" for name, one in given.items())]
    return f"{type(value).__name__}({', '.join(arguments)})"


def differing(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that are not as by default, with their values.

    Examples
    --------
    >>> from clicksession.formats import CSV
    >>> differing(CSV(delimiter=";"))
    {'delimiter': ';'}
    """
    found = {each.name: (getattr(value, each.name), _default(each)) for each in fields(value)}
    return {name: one for name, (one, default) in found.items() if _differs(one, default)}


def spelled(value: Any) -> str:
    """Return a value as it is typed, in a tuple or a dict too.

    Examples
    --------
    >>> spelled(("a", 1)), spelled(("a",)), spelled({"a": None})
    ("('a', 1)", "('a',)", "{'a': None}")
    """
    if type(value) is tuple:
        inner = ", ".join(map(spelled, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if type(value) is dict:
        pairs = (f"{spelled(key)}: {spelled(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    return repr(value)


def _differs(value: Any, default: Any) -> bool:
    # An expression of SQLAlchemy does not say whether it equals something.
    if value is None or default is None:
        return value is not default
    return bool(value != default)


def _default(field: Any) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default
