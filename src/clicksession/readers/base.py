"""What a reader is, and what it hands on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import pyarrow as pa

from clicksession.schema import EventSchema

__all__ = ["Batch", "Reader"]


@dataclass(frozen=True)
class Batch:
    """Some consecutive rows of one source.

    Attributes
    ----------
    rows
        One column per source path (``"event.user-agent"``), of text, numbers, booleans or times;
        what is nested deeper than objects is JSON text.
    numbers
        Where each row stands in its source, counted from 1.
    unit
        What `numbers` count: ``"line"``, ``"element"`` or ``"record"``.
    """

    rows: pa.Table
    numbers: Sequence[int]
    unit: str

    def place(self, row: int) -> str:
        """Return where a row stands, for a message: ``line 17``."""
        return f"{self.unit} {self.numbers[row]}"


class Reader(Protocol):
    """Turns the bytes of one source into batches of flat rows."""

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source, in its order.

        Parameters
        ----------
        stream
            The decompressed bytes.
        source
            What to call the source in errors; it holds no secret.
        schema
            Which paths feed the canonical columns: some formats need it to tell an event from an
            object that holds events.

        Raises
        ------
        BadRowError
            A line, element or record that is no event.
        """
        ...
