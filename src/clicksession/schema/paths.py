"""What feeds a canonical column: a path, or several that make one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clicksession.errors import ParameterError

__all__ = [
    "Join",
    "Local",
    "Path",
    "Paths",
    "Sum",
    "ends_of",
    "path_from_json",
    "path_to_json",
    "sources_of",
]

_UNITS = ("s", "ms", "us", "ns")


@dataclass(frozen=True, init=False)
class Join:
    r"""One value made of the texts of several fields: a date and a time, two halves of an id.

    Null where one of them is null; for a user or an event's id, also where one is an empty text or
    else nobody. Whole numbers are spelled as such, whatever holds them. A backslash in a text, and
    what is there like the first character of the separator, is written with a backslash before
    it, so that different values never come out as one; for a time, texts stay as they are.

    Parameters
    ----------
    *paths
        Dotted paths of the source, in the order of their texts.
    separator
        What stands between two texts.

    Examples
    --------
    >>> Join("date", "time").paths
    ('date', 'time')
    >>> Join("post_visid_high", "post_visid_low", separator="-")
    Join('post_visid_high', 'post_visid_low', separator='-')
    """

    paths: tuple[str, ...]
    separator: str = " "

    def __init__(self, *paths: str, separator: str = " ") -> None:
        if len(paths) < 2 or not all(isinstance(path, str) and path for path in paths):
            raise ParameterError("Join", "paths", "two or more dotted paths of the source", paths)
        if not isinstance(separator, str) or not separator or "\\" in separator:
            must = "a text of at least one character, without a backslash"
            raise ParameterError("Join", "separator", must, separator)
        object.__setattr__(self, "paths", paths)
        object.__setattr__(self, "separator", separator)

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self.paths))
        return f"Join({shown}, separator={self.separator!r})"


@dataclass(frozen=True, init=False)
class Sum:
    """A time made of several counts, each of its own unit: a start, and an offset from it.

    Null where one of them is null. One alone may count since 1970; what it comes to is what their
    sum counts since then.

    Parameters
    ----------
    units
        Dotted path to ``"s"``, ``"ms"``, ``"us"`` or ``"ns"``.

    Examples
    --------
    >>> Sum({"visitStartTime": "s", "hits.time": "ms"}).paths
    ('visitStartTime', 'hits.time')
    """

    units: tuple[tuple[str, str], ...]

    def __init__(self, units: Mapping[str, str]) -> None:
        must = "two or more dotted paths with 's', 'ms', 'us' or 'ns' for each"
        good = isinstance(units, Mapping) and len(units) > 1
        if not good or not all(path and unit in _UNITS for path, unit in units.items()):
            raise ParameterError("Sum", "units", must, units)
        object.__setattr__(self, "units", tuple(units.items()))

    @property
    def paths(self) -> tuple[str, ...]:
        """The dotted paths of the source."""
        return tuple(path for path, _ in self.units)

    def __repr__(self) -> str:
        return f"Sum({dict(self.units)!r})"


@dataclass(frozen=True, init=False)
class Local:
    """A count that goes by a clock on the wall: the seconds since 1970 that the clock showed.

    Its zone is the schema's ``zone``, and without one it is read as UTC, as every time that does
    not say its zone. Where a record says itself between which instants its events lie, these two
    put its counts right, and need no zone.

    Parameters
    ----------
    path
        Dotted path of the source.
    first, last
        Dotted paths of the instants of the first and of the last event of a record, for events
        that are a list in their record.

    Examples
    --------
    >>> Local("properties.time").paths
    ('properties.time',)
    """

    path: str
    first: str | None = None
    last: str | None = None

    def __init__(self, path: str, *, first: str | None = None, last: str | None = None) -> None:
        if not isinstance(path, str) or not path:
            raise ParameterError("Local", "path", "a dotted path of the source", path)
        for parameter, value in (("first", first), ("last", last)):
            good = value is None or (isinstance(value, str) and value)
            if not good or (first is None) != (last is None):
                must = "a dotted path of the source, with both `first` and `last`, or neither"
                raise ParameterError("Local", parameter, must, value)
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "last", last)

    @property
    def paths(self) -> tuple[str, ...]:
        """The dotted path of the source, as a tuple of one."""
        return (self.path,)

    def __repr__(self) -> str:
        ends = "" if self.first is None else f", first={self.first!r}, last={self.last!r}"
        return f"Local({self.path!r}{ends})"


Path = str | Join | Sum | Local
"""What gives one value: a dotted path of the source, or several taken together."""

Paths = Path | Sequence[Path] | None
"""One of these, or several of which the first with a value counts."""


def sources_of(path: Path) -> tuple[str, ...]:
    """Return the dotted paths of the source that a path takes."""
    return (path,) if isinstance(path, str) else path.paths


def ends_of(path: Path) -> tuple[str, ...]:
    """Return the dotted paths of the instants between which the events of a record lie."""
    if not isinstance(path, Local) or path.first is None or path.last is None:
        return ()
    return path.first, path.last


def path_to_json(path: Path) -> Any:
    """Return a path as what JSON has."""
    if isinstance(path, Join):
        return {"join": list(path.paths), "separator": path.separator}
    if isinstance(path, Sum):
        return {"sum": dict(path.units)}
    if isinstance(path, Local):
        return {"local": path.path, "first": path.first, "last": path.last}
    return path


def path_from_json(value: Any) -> Path:
    """Return the path that `path_to_json` made this of."""
    if isinstance(value, dict) and "join" in value:
        return Join(*value["join"], separator=value["separator"])
    if isinstance(value, dict) and "local" in value:
        return Local(value["local"], first=value["first"], last=value["last"])
    if isinstance(value, dict):
        return Sum(value["sum"])
    return str(value)
