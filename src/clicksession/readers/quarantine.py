"""Rows that are no events: kept with place, reason and bytes, to be looked at and read again."""

import base64
import json
import os
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from posixpath import basename
from typing import Any

import pandas as pd

from clicksession.display import Card, Listing, listing_of
from clicksession.errors import ParameterError, ReadError
from clicksession.readers.base import BadRow

__all__ = ["Quarantine"]

# Held in memory up to here, then in a temporary file without a name: a log that is all broken
# must not fill memory, and an interrupted reading must not leave a file behind.
_IN_MEMORY = 32 * 2**20
_COLUMNS = ("file", "place", "line", "offset", "reason", "detail", "raw", "size", "format")


class Quarantine:
    """Rows that are no events, in the order in which they were found.

    A reading with ``on_error="quarantine"`` fills the one of its report. It can be iterated for
    `BadRow`, looked at as a frame, written, repaired, and given to `read_events`, `scan_events` or
    `run` as a source. Beyond 32 MB it lives in a temporary file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import clicksession as cs
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "log.json").write_text('{"user_id": 1, "timestamp": "2024-05-01"')
    >>> report = cs.ReadReport()
    >>> _ = cs.read_events(folder / "log.json", on_error="quarantine", report=report)
    >>> report.quarantine.write(folder / "bad.ndjson")
    >>> kept = cs.Quarantine.read(folder / "bad.ndjson")
    >>> kept.to_frame()[["line", "reason", "raw"]]
       line    reason                                       raw
    0     1  not_json  {"user_id": 1, "timestamp": "2024-05-01"
    >>> cs.read_events(kept.repaired(lambda raw: raw + b"}"))
       user_id                 timestamp
    0        1 2024-05-01 00:00:00+00:00
    """

    def __init__(self, rows: Iterable[BadRow] = ()) -> None:
        if isinstance(rows, str | os.PathLike):
            hint = "Quarantine.read(…) reads a file that write() made."
            raise ParameterError("Quarantine", "rows", "rows that are no events", rows, hint)
        self._lines = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._lines.close)
        self._count = 0
        for row in rows:
            self.add(row)

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return f"<Quarantine of {self._count:,} rows>"

    def _repr_html_(self) -> str:
        sentence = f"{self._count:,} rows that are no events."
        listings = [self.listing] if self._count else []
        return Card(kind="Quarantine", sentences=[sentence], listings=listings).html

    @property
    def listing(self) -> Listing:
        """The first rows, as a display shows them."""
        columns = ("file", "place", "reason", "detail", "raw")
        rows = (
            (basename(row.file), row.place, row.reason, row.detail, _shown(row.raw)) for row in self
        )
        return listing_of("The first of them", columns, rows, self._count)

    def __iter__(self) -> Iterator[BadRow]:
        position = 0
        for _ in range(self._count):
            # Whoever iterates may add or iterate in between.
            self._lines.seek(position)
            line = self._lines.readline()
            position = self._lines.tell()
            yield _row(json.loads(line))

    def add(self, row: BadRow) -> None:
        """Keep one more row."""
        self._lines.seek(0, os.SEEK_END)
        self._lines.write(_line(row))
        self._count += 1

    def to_frame(self) -> pd.DataFrame:
        r"""Return one row for each: its file, place, line, offset, reason, detail, raw text, size.

        In `raw`, a byte that is no UTF-8 shows as ``\xff``; iterate for the bytes themselves.

        Examples
        --------
        >>> import clicksession as cs
        >>> rows = [{"user_id": 1, "timestamp": "yesterday"}]
        >>> report = cs.ReadReport()
        >>> _ = cs.read_events(rows, on_error="quarantine", report=report)
        >>> report.quarantine.to_frame()[["reason", "raw"]]
             reason                                      raw
        0  bad_time  {"user_id": 1, "timestamp": "yesterday"}
        """
        rows = [
            {**{name: getattr(row, name) for name in _COLUMNS}, "raw": _shown(row.raw)}
            for row in self
        ]
        frame = pd.DataFrame(rows, columns=list(_COLUMNS))
        kinds = {name: "Int64" if name in ("line", "offset", "size") else "str" for name in frame}
        return frame.astype(kinds)

    def repaired(self, repair: Callable[[bytes], bytes | None]) -> "Quarantine":
        """Return a quarantine with other bytes for each row, to be read again.

        Parameters
        ----------
        repair
            Gets the bytes of a row and returns them as they should be; ``None`` leaves the row
            out.

        Examples
        --------
        >>> import clicksession as cs
        >>> rows = [{"user_id": 1, "timestamp": "yesterday"}]
        >>> report = cs.ReadReport()
        >>> _ = cs.read_events(rows, on_error="quarantine", report=report)
        >>> again = report.quarantine.repaired(lambda raw: raw.replace(b"yesterday", b"2024-04-30"))
        >>> cs.read_events(again)
           user_id                 timestamp
        0        1 2024-04-30 00:00:00+00:00
        """
        fixed = ((row, repair(row.raw)) for row in self)
        return Quarantine(
            replace(row, raw=raw, size=len(raw)) for row, raw in fixed if raw is not None
        )

    def write(
        self, url: str | os.PathLike[str], *, storage_options: dict[str, Any] | None = None
    ) -> None:
        """Write the rows as newline-delimited JSON, one object each.

        `raw` is text. Where the bytes are no UTF-8, `raw_base64` takes its place.

        Parameters
        ----------
        url
            A path or URL that fsspec can write to.
        storage_options
            Passed to the filesystem.

        Raises
        ------
        ReadError
            The store cannot be written to.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> import clicksession as cs
        >>> rows = [{"user_id": 1, "timestamp": "yesterday"}]
        >>> report = cs.ReadReport()
        >>> _ = cs.read_events(rows, on_error="quarantine", report=report)
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "bad.ndjson"
        >>> report.quarantine.write(path)
        >>> len(path.read_text().splitlines())
        1
        """
        from clicksession.readers.sources.files import written

        self._lines.seek(0)
        with written(url, storage_options) as file:
            while chunk := self._lines.read(2**20):
                file.write(chunk)

    @classmethod
    def read(
        cls, url: str | os.PathLike[str], *, storage_options: dict[str, Any] | None = None
    ) -> "Quarantine":
        """Return the quarantine that `write` wrote, with whatever was repaired in `raw` since.

        Raises
        ------
        ReadError
            There is no such file, or it is no quarantine.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> import clicksession as cs
        >>> rows = [{"user_id": 1, "timestamp": "yesterday"}]
        >>> report = cs.ReadReport()
        >>> _ = cs.read_events(rows, on_error="quarantine", report=report)
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "bad.ndjson"
        >>> report.quarantine.write(path)
        >>> cs.Quarantine.read(path)
        <Quarantine of 1 rows>
        """
        from clicksession.readers.sources.places import find_sources

        kept = cls()
        for source in find_sources(url, storage_options):
            with source.open() as stream:
                for number, line in enumerate(stream, 1):
                    if line.strip():
                        kept.add(_read_row(line, source.name, number))
        return kept

    def groups(self) -> Iterator[tuple[str, str, bytes, list[BadRow]]]:
        """Yield consecutive rows that one reader can read: file, format, header and the rows."""
        for (file, format, header), rows in groupby(self, attrgetter("file", "format", "header")):
            yield file, format, header, list(rows)


def _line(row: BadRow) -> bytes:
    facts: dict[str, object] = {}
    for name in _COLUMNS:
        value = getattr(row, name)
        facts.update(_as_text("raw", value) if name == "raw" else {name: value})
    facts.update(_as_text("header", row.header) if row.header else {})
    return json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _as_text(name: str, value: bytes) -> dict[str, str]:
    try:
        return {name: value.decode("utf-8")}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(value).decode("ascii")}


def _row(facts: dict[str, Any]) -> BadRow:
    plain = {name: facts[name] for name in _COLUMNS if name != "raw"}
    return BadRow(**plain, raw=_bytes(facts, "raw"), header=_bytes(facts, "header"))


def _bytes(facts: dict[str, Any], name: str) -> bytes:
    if name in facts:
        return str(facts[name]).encode("utf-8")
    return base64.b64decode(facts.get(f"{name}_base64", ""))


def _read_row(line: bytes, file: str, number: int) -> BadRow:
    try:
        return _row(json.loads(line))
    except (ValueError, KeyError, TypeError):
        hint = "Give what Quarantine.write wrote."
        raise ReadError(file, "it is no row of a quarantine", hint, f"line {number}") from None


def _shown(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
