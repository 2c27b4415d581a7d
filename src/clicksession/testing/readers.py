"""What every reader must do, as tests that it can run against itself."""

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, BinaryIO, cast

import pandas as pd
import pyarrow as pa
import pytest

import clicksession as cs
from clicksession.readers import READERS
from clicksession.readers.base import Batch, Reader, Reason

__all__ = ["ReaderContract"]

_ROWS: tuple[Mapping[str, Any], ...] = tuple(
    {"event_id": number, "user_id": user, "timestamp": f"2024-05-01T10:00:{number:02}Z"}
    for number, user in enumerate(["ann", "b\u00f6b", None, "", "ann"])
)


class ReaderContract:
    """The tests of a reader.

    The fixture `format` gives the name under which it is registered; `encode` writes rows in its
    format. A format that cannot say "no user" or "an empty text" overrides `rows`; one whose
    fields have names of their own overrides `schema`.
    """

    @pytest.fixture
    def format(self) -> str:
        """Give the name of the format; the class that derives from this one must."""
        raise NotImplementedError("override the fixture `format`")

    def encode(self, rows: Sequence[Mapping[str, Any]]) -> bytes:
        """Return rows of ``event_id``, ``user_id`` and ``timestamp`` as a file of the format."""
        raise NotImplementedError("override `encode`")

    def bad_row(self) -> bytes | None:
        """Return a row that is no event, as it may follow what `encode` gives; or nothing."""
        return None

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """Return the rows that are written and read."""
        return _ROWS

    def schema(self) -> cs.EventSchema:
        """Return which fields of the format the rows are written to."""
        return cs.EventSchema()

    def test_it_is_found_by_its_name(self, format: str) -> None:
        """And it is made without arguments."""
        assert callable(READERS.find(format)().read)

    def test_rows_come_back_in_their_order(self, format: str, tmp_path: Any) -> None:
        """With every value, through the front door."""
        rows = self.rows()
        found = self._read(format, tmp_path, self.encode(rows))
        assert found["event_id"].astype(int).tolist() == [row["event_id"] for row in rows]
        users = [None if pd.isna(user) else user for user in found["user_id"]]
        # An empty text is nobody.
        assert users == [row["user_id"] or None for row in rows]
        times = pd.to_datetime([row["timestamp"] for row in rows])
        assert found["timestamp"].tolist() == times.tolist()

    def test_a_source_without_rows(self, format: str, tmp_path: Any) -> None:
        """No rows, and no error."""
        assert self._read(format, tmp_path, self.encode([])).empty

    def test_rows_are_numbered_from_one_batch_to_the_next(self, format: str) -> None:
        """Each row has its number, and numbers only grow."""
        rows = [{**row, "event_id": number} for number, row in enumerate([*self.rows()] * 50)]
        batches = list(self._batches(format, self.encode(rows)))
        numbers = [number for batch in batches for number in batch.numbers]
        assert len(numbers) == len(rows)
        assert numbers == sorted(set(numbers))
        assert numbers[0] >= 1
        for batch in batches:
            assert len(batch.numbers) == batch.rows.num_rows

    def test_columns_are_of_types_that_rows_may_have(self, format: str) -> None:
        """No objects and no lists are left."""
        for batch in self._batches(format, self.encode(self.rows())):
            assert not any(pa.types.is_nested(kind) for kind in batch.rows.schema.types)

    def test_rows_have_their_places(self, format: str) -> None:
        """What is kept of a row that turns out to be bad can be read again."""
        for batch in self._batches(format, self.encode(self.rows())):
            for row in range(batch.rows.num_rows):
                kept = batch.bad_row(row, "log", Reason.BAD_TIME, "as a test")
                assert kept.raw
                assert kept.size == len(kept.raw)
                assert kept.file == "log"

    def test_a_bad_row_is_set_aside(self, format: str, tmp_path: Any) -> None:
        """It stops nothing, and it is accounted for."""
        bad = self.bad_row()
        if bad is None:
            pytest.skip("this format has no bad rows: override `bad_row` where it does")
        report = cs.ReadReport()
        content = self.encode(self.rows()) + bad
        found = self._read(format, tmp_path, content, on_error="quarantine", report=report)
        assert len(found) == len(self.rows())
        assert report.rows_refused == 1
        (kept,) = report.quarantine
        assert kept.raw.strip() == bad.strip()
        with pytest.raises(cs.errors.BadRowError):
            self._read(format, tmp_path, content)

    def _batches(self, format: str, content: bytes) -> Iterator[Batch]:
        reader = cast(Reader, READERS.find(format)())
        return reader.read(cast(BinaryIO, BytesIO(content)), "log", self.schema())

    def _read(self, format: str, folder: Any, content: bytes, **options: Any) -> pd.DataFrame:
        path = folder / "log"
        path.write_bytes(content)
        events: pd.DataFrame = cs.read_events(path, schema=self.schema(), format=format, **options)
        return events
