"""The columns of a log, and of which type each is, whatever order they come in."""

import pyarrow as pa

from clicksession.arrow import floats_hold, is_text
from clicksession.writers.tables.storable import ALWAYS

__all__ = ["Kinds"]

_TEXT = pa.large_string()


class Kinds:
    """What has come of each column: its types, where it had a value."""

    def __init__(self) -> None:
        self._kinds: dict[str, set[pa.DataType]] = {name: set() for name in ALWAYS}
        self._long: set[str] = set()

    def add(self, rows: pa.Table) -> None:
        """Take in the columns of some rows."""
        for name, column in zip(rows.column_names, rows.columns, strict=True):
            kinds = self._kinds.setdefault(name, set())
            if column.null_count < len(column):
                kinds.add(_TEXT if is_text(column.type) else column.type)
                if not floats_hold(column):
                    self._long.add(name)

    def schema(self) -> pa.Schema | None:
        """Return the columns with one type each, or None where values of several types meet.

        Whole numbers and others make one column of numbers, as long as it holds all digits.
        """
        types = {name: self._of(name, kinds) for name, kinds in self._kinds.items()}
        known = {name: kind for name, kind in types.items() if kind is not None}
        return pa.schema(known) if len(known) == len(types) else None

    def _of(self, name: str, kinds: set[pa.DataType]) -> pa.DataType | None:
        if not kinds:
            # Nobody's events.
            return _TEXT
        if kinds == {pa.int64(), pa.float64()} and name not in (*ALWAYS, *self._long):
            return pa.float64()
        return next(iter(kinds)) if len(kinds) == 1 else None
