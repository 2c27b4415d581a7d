"""What is wrong with text that was to be JSON, as bad rows of a source."""

from collections.abc import Mapping

from clicksession.readers.base import BadRow, Reason, Whereabouts
from clicksession.readers.formats.json.shape import Keys
from clicksession.readers.formats.json.strict import MAX_DEPTH, shown
from clicksession.readers.formats.json.window import TOO_DEEP

__all__ = ["another_list", "arrays", "not_json", "uneven"]


def not_json(source: str, line: int, offset: int, raw: bytes, problem: str) -> BadRow:
    """Return what is no JSON."""
    reason, detail = Reason.NOT_JSON, f"it is no JSON ({problem})"
    if problem == TOO_DEEP:
        reason, detail = Reason.TOO_DEEP, f"it is nested too deep: more than {MAX_DEPTH} levels"
    elif b"\0" in raw:
        reason, detail = Reason.NUL_BYTES, f"it holds {raw.count(0):,} bytes of zero"
    # Lines of white space behind it are no part of it, whatever comes after them.
    raw = raw.rstrip(b" \t\r\n")
    return Whereabouts(line, offset, raw).bad_row(source, reason, detail + shown(raw))


def another_list(source: str, line: int, offset: int, raw: bytes, size: int, keys: Keys) -> BadRow:
    """Return a list of events that stands beside another one in its object."""
    detail = (
        f"{'.'.join(keys)!r} is not the only list of events in its object; "
        f"EventSchema(events=…) names the one that is meant{shown(raw)}"
    )
    found = Whereabouts(line, offset, raw)
    return found.bad_row(source, Reason.SEVERAL_LISTS, detail, size=size)


def arrays(source: str, line: int, offset: int, raw: bytes) -> BadRow:
    """Return an object that holds its rows as arrays of values."""
    detail = f"it holds arrays of values, and no objects, as its events{shown(raw)}"
    return Whereabouts(line, offset, raw).bad_row(source, Reason.NOT_OBJECT, detail)


def uneven(source: str, line: int, offset: int, raw: bytes, lengths: Mapping[str, int]) -> BadRow:
    """Return an object of columns of which one is longer than another: rows lack something."""
    least, most = min(lengths, key=lengths.__getitem__), max(lengths, key=lengths.__getitem__)
    detail = (
        f"its columns are not of one length: {least!r} has {lengths[least]:,} values, "
        f"{most!r} has {lengths[most]:,}{shown(raw)}"
    )
    return Whereabouts(line, offset, raw).bad_row(source, Reason.FIELD_COUNT, detail)
