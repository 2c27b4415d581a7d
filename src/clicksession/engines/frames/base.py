"""What the library of a frame must be able to do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import pyarrow as pa

from clicksession.errors import ParameterError, UnsupportedRuleError
from clicksession.rules import Rules

__all__ = ["Eager", "Lazy", "OnArrays"]

# Adds the sessions to a pandas, Polars or Arrow frame, by the rules at hand.
OnArrays = Callable[[Any], Any]


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


class Lazy(ABC):
    """A library whose frames are yet to be computed, or elsewhere: its engine cuts the sessions."""

    #: What the engine is called in messages.
    name: str

    #: How to get a frame in memory from one of these, for rules that window expressions cannot say.
    way_out: str

    @abstractmethod
    def columns(self, frame: Any) -> list[str]:
        """Return the names of the columns."""

    @abstractmethod
    def kind(self, frame: Any, name: str) -> tuple[str, bool, bool]:
        """Return a column's type in words, and whether it is for users and whether for times."""

    @abstractmethod
    def sessionized(self, frame: Any, rules: Rules, user: str, time: str) -> Any:
        """Return the frame with sessions, as lazy as it is, by window expressions."""

    @abstractmethod
    def summarized(self, frame: Any, user: str, time: str) -> Any:
        """Return one row per session, as lazy as the frame."""

    def in_passes(self, frame: Any, rules: Rules, user: str, on_arrays: OnArrays) -> Any:
        """Return the frame with sessions, by rules that need to go through the events in order.

        Raises
        ------
        UnsupportedRuleError
            The engine cannot run what arrays do.
        """
        raise UnsupportedRuleError(rules.sequential[0], self.name, self.way_out)

    def require(self, frame: Any, user: str, time: str, who: str) -> None:
        """Refuse a column of users or times that is none.

        Raises
        ------
        ParameterError
            A column of another type.
        """
        kind, is_user, _ = self.kind(frame, user)
        if not is_user:
            must = "a column of text or whole numbers"
            raise ParameterError(who, "user", must, f"{user} ({kind})", "Convert it to text first.")
        kind, _, is_time = self.kind(frame, time)
        if not is_time:
            raise ParameterError(who, "time", "a column of times", f"{time} ({kind})")
