"""What a format must be able to do with the two tables."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Any

from pyspark.sql import DataFrame

__all__ = ["Settings", "Stored"]

# The rules of the tables, and into how many buckets users are put.
Settings = dict[str, Any]


class Stored(ABC):
    """The tables of events and of sessions, each in buckets that are replaced whole."""

    @abstractmethod
    def alone(self) -> AbstractContextManager[None]:
        """Keep other writes out, or let the later of two fail."""

    @abstractmethod
    def settings(self) -> Settings | None:
        """Return what the first write said; None where there was none."""

    @abstractmethod
    def remember(self, settings: Settings) -> None:
        """Keep what the first write says, for those that follow."""

    @abstractmethod
    def recover(self) -> None:
        """Bring to an end what a write that was killed had begun on the events."""

    @abstractmethod
    def events(self) -> DataFrame | None:
        """Return the stored events; None where there is no table yet."""

    @abstractmethod
    def sessions(self) -> DataFrame | None:
        """Return the stored sessions; None where there is no table yet."""

    @abstractmethod
    def replace_events(self, buckets: DataFrame) -> None:
        """Put these events in place of their buckets: killed at any moment, none is lost."""

    @abstractmethod
    def replace_sessions(self, buckets: DataFrame) -> None:
        """Put these sessions in place of their buckets."""
