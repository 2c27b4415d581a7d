"""What comes to be written in one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from clicksession.writers.logs.log import NO_FILE, Log
from clicksession.writers.tables.manifest import FilePart

__all__ = ["NO_FILE", "Incoming", "OneFrame", "Part"]


@dataclass(frozen=True)
class Part:
    """Events that memory can hold, and for each the number of its file among those incoming.

    `NO_FILE` is the number of events that come from no file.
    """

    events: pd.DataFrame
    files: npt.NDArray[np.int64]


class Incoming(Protocol):
    """Events in one or several parts."""

    @property
    def files(self) -> Sequence[FilePart]:
        """The files that they came from, with how many rows each."""
        ...

    @property
    def is_disjoint(self) -> bool:
        """Whether no two parts share a user or an event."""
        ...

    @property
    def log(self) -> Log | None:
        """All events in the order that they came in, where they wait so."""
        ...

    def parts(self) -> Iterator[Part]:
        """Yield the parts; once more if the transaction has to be repeated."""
        ...


@dataclass(frozen=True)
class OneFrame:
    """All events in one frame, file after file."""

    events: pd.DataFrame
    files: Sequence[FilePart] = ()
    is_disjoint: bool = True
    log: Log | None = None

    def parts(self) -> Iterator[Part]:
        """Yield the frame."""
        rows = np.array([part.rows for part in self.files], dtype=np.int64)
        yield Part(self.events, np.repeat(np.arange(len(rows)), rows))
