"""What is wrong with text that was to be JSON, as bad rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from clicksession.readers.base import BadRow, Reason, Whereabouts
from clicksession.readers.formats.blocks import cut_short, too_long
from clicksession.readers.formats.json.shape import Keys
from clicksession.readers.formats.json.strict import MAX_DEPTH, shown
from clicksession.readers.formats.json.window import TOO_DEEP

__all__ = ["Refusals"]


@dataclass(frozen=True)
class Refusals:
    """Makes the bad rows of a source.

    Attributes
    ----------
    source
        What to call it.
    limit
        How many bytes an event may have.
    """

    source: str
    limit: int

    def not_json(self, raw: bytes, line: int, offset: int, problem: str) -> BadRow:
        """Return what is no JSON."""
        reason, detail = Reason.NOT_JSON, f"it is no JSON ({problem})"
        if problem == TOO_DEEP:
            reason = Reason.TOO_DEEP
            detail = f"it is nested too deep: more than {MAX_DEPTH} levels"
        elif b"\0" in raw:
            reason, detail = Reason.NUL_BYTES, f"it holds {raw.count(0):,} bytes of zero"
        # Lines of white space behind it are no part of it, whatever comes after them.
        raw = raw.rstrip(b" \t\r\n")
        return self._row(raw, len(raw), line, offset, reason, detail + shown(raw))

    def too_long(self, raw: bytes, size: int, line: int, offset: int) -> BadRow:
        """Return what is too long, of which the beginning is given."""
        return too_long(self.source, line, offset, raw, size, self.limit)

    def cut_short(self, raw: bytes, line: int, offset: int, damage: str) -> BadRow:
        """Return what is left of a value in which a damaged source ends."""
        return cut_short(self.source, line, offset, raw, damage)

    def another_list(self, keys: Keys, raw: bytes, size: int, line: int, offset: int) -> BadRow:
        """Return a list of events that stands beside another one in its object."""
        detail = (
            f"{'.'.join(keys)!r} is not the only list of events in its object; "
            f"EventSchema(events=…) names the one that is meant{shown(raw)}"
        )
        return self._row(raw, size, line, offset, Reason.SEVERAL_LISTS, detail)

    def arrays(self, raw: bytes, line: int, offset: int) -> BadRow:
        """Return an object that holds its rows as arrays of values."""
        detail = f"it holds arrays of values, and no objects, as its events{shown(raw)}"
        return self._row(raw, len(raw), line, offset, Reason.NOT_OBJECT, detail)

    def uneven(self, raw: bytes, line: int, offset: int, lengths: Mapping[str, int]) -> BadRow:
        """Return an object of columns of which one is longer than another: rows lack something."""
        least, most = min(lengths, key=lengths.__getitem__), max(lengths, key=lengths.__getitem__)
        detail = (
            f"its columns are not of one length: {least!r} has {lengths[least]:,} values, "
            f"{most!r} has {lengths[most]:,}{shown(raw)}"
        )
        return self._row(raw, len(raw), line, offset, Reason.FIELD_COUNT, detail)

    def _row(
        self, raw: bytes, size: int, line: int, offset: int, reason: Reason, detail: str
    ) -> BadRow:
        return Whereabouts(line, offset, raw).bad_row(self.source, reason, detail, size=size)
