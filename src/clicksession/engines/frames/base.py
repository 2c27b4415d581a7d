"""What the library of a frame must be able to do."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import pandas as pd
import pyarrow as pa

__all__ = ["Eager"]


class Eager(ABC):
    """A library whose frames are in memory: arrays cut their sessions."""

    @abstractmethod
    def columns(self, frame: Any) -> list[str]:
        """Return the names of the columns."""

    @abstractmethod
    def face(self, frame: Any, names: Iterable[str]) -> pd.DataFrame:
        """Return these columns as pandas sees them, in the same memory where that can be."""

    @abstractmethod
    def with_taken(self, frame: Any, columns: dict[str, pa.Array], rows: pa.Array) -> Any:
        """Return the frame with more columns: of each, the values at these numbers, or null."""

    @abstractmethod
    def made_of(self, frame: pd.DataFrame) -> Any:
        """Return a pandas frame as one of this library."""
