"""What the library of a frame must be able to do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from clicksession.engines.users import users_of
from clicksession.errors import ParameterError, UnsupportedRuleError
from clicksession.rules import Rules
from clicksession.windows import Words, sessions, summary
from clicksession.windows.kept import Kept
from clicksession.windows.users import with_users, without

__all__ = ["Eager", "InWords", "Kind", "Lazy", "OnArrays"]

# Adds the sessions to a pandas, Polars or Arrow frame, by the rules at hand.
OnArrays = Callable[[Any], Any]


class _Library(ABC):
    """What the library of any frame can do with it."""

    @abstractmethod
    def columns(self, frame: Any) -> list[str]:
        """Return the names of the columns."""

    def labels(self, frame: Any) -> list[Any]:
        """Return what the columns are called, as it is."""
        return self.columns(frame)

    @abstractmethod
    def without(self, frame: Any, name: str) -> Any:
        """Return the frame without one of its columns."""


class Eager(_Library):
    """A library whose frames are in memory: arrays cut their sessions."""

    @abstractmethod
    def face(self, frame: Any, names: Iterable[str]) -> pd.DataFrame:
        """Return these columns as pandas sees them, in the same memory where that can be."""

    @abstractmethod
    def rows(self, frame: Any, numbers: npt.NDArray[np.int64]) -> Any:
        """Return the frame with these of its rows alone."""

    @abstractmethod
    def with_taken(
        self, frame: Any, columns: dict[str, pa.Array], rows: pa.Array | None = None
    ) -> Any:
        """Return the frame with more columns: of each, the values at these numbers, or null.

        Without numbers, all values as they are: one for each row.
        """

    def with_users(self, frame: Any, users: Sequence[str], name: str, who: str) -> Any:
        """Return the frame with one column more: the users that several columns say, as text.

        Raises
        ------
        ParameterError
            One of them is neither text nor whole numbers.
        """
        found = users_of(self.face(frame, users), users, who=who)
        return self.with_taken(frame, {name: found})

    @abstractmethod
    def made_of(self, frame: pd.DataFrame) -> Any:
        """Return a pandas frame as one of this library."""


@dataclass(frozen=True)
class Kind:
    """What a column of a lazy frame is: its type in words, and what it can stand for."""

    text: str
    is_user: bool = False
    is_time: bool = False
    is_flag: bool = False
    is_duration: bool = False


class Lazy(_Library):
    """A library whose frames are yet to be computed, or elsewhere: its engine cuts the sessions."""

    #: What the engine is called in messages.
    name: str

    #: How to get a frame in memory from one of these, for rules that window expressions cannot say.
    way_out: str

    @abstractmethod
    def kind(self, frame: Any, name: str) -> Kind:
        """Return what a column is, by the schema alone."""

    @abstractmethod
    def sessionized(self, frame: Any, rules: Rules, user: str, time: str) -> Any:
        """Return the frame with sessions, as lazy as it is, by window expressions."""

    @abstractmethod
    def summarized(
        self, frame: Any, user: str, time: str, kept: Kept, parts: Sequence[str] = ()
    ) -> Any:
        """Return one row per session, with what it keeps of its events, as lazy as the frame.

        Where the users are of several columns, `parts` are shown in place of `user`.
        """

    @abstractmethod
    def with_users(self, frame: Any, users: Sequence[str], name: str) -> Any:
        """Return the frame with one column more: the users that several columns say, as text."""

    def in_passes(self, frame: Any, rules: Rules, user: str, on_arrays: OnArrays) -> Any:
        """Return the frame with sessions, by rules that need to go through the events in order.

        Raises
        ------
        UnsupportedRuleError
            The engine cannot run what arrays do.
        ParameterError
            It cannot, and events without ids are in no order that window expressions could say.
        """
        if rules.sequential:
            raise UnsupportedRuleError(rules.sequential[0], self.name, self.way_out)
        raise ParameterError(
            "sessionize",
            "events",
            "with a column 'event_id', as by these rules the order of events of one moment matters",
            self.columns(frame),
            "Give each event an id; clicksession.quality.with_event_ids makes them for a frame in "
            "memory.",
        )

    def must_pass(self, rules: Rules, names: Sequence[str]) -> bool:
        """Say whether only arrays can cut events of these columns by these rules.

        They make ids of what events hold, which put those of one moment in order.
        """
        return bool(rules.sequential) or (rules.order_decides and "event_id" not in names)

    def require(self, frame: Any, user: str, time: str, who: str) -> None:
        """Refuse a column of users or times that is none.

        Raises
        ------
        ParameterError
            A column of another type.
        """
        kind = self.kind(frame, user)
        if not kind.is_user:
            must, got = "a column of text or whole numbers", f"{user} ({kind.text})"
            raise ParameterError(who, "user", must, got, "Convert it to text first.")
        kind = self.kind(frame, time)
        if not kind.is_time:
            raise ParameterError(who, "time", "a column of times", f"{time} ({kind.text})")

    def require_for_rules(self, frame: Any, rules: Rules, who: str) -> None:
        """Refuse a column that a rule cannot look at.

        Raises
        ------
        ParameterError
            A column of another type.
        """
        for parameter in ("start_column", "end_column", "delimiter_column", "excluded_column"):
            name = getattr(rules, parameter)
            if name and not (kind := self.kind(frame, name)).is_flag:
                must = "a column of True and False"
                raise ParameterError(who, parameter, must, f"{name} ({kind.text})")
        name = rules.session_column
        if name and not (kind := self.kind(frame, name)).is_user:
            must, got = "a column of text or whole numbers", f"{name} ({kind.text})"
            raise ParameterError(who, "session_column", must, got, "Convert it to text first.")
        name = rules.timeout_column
        if name and not (kind := self.kind(frame, name)).is_duration:
            must = "a column of durations"
            raise ParameterError(who, "timeout_column", must, f"{name} ({kind.text})")


class InWords(Lazy, Words):
    """A lazy library whose own expressions are the words of a plan."""

    def names(self, frame: Any) -> list[str]:
        """Return the names of the columns."""
        return self.columns(frame)

    def sessionized(self, frame: Any, rules: Rules, user: str, time: str) -> Any:
        """Return the frame with the steps of the plan behind it."""
        return sessions(self, frame, rules, user=user, time=time)

    def summarized(
        self, frame: Any, user: str, time: str, kept: Kept, parts: Sequence[str] = ()
    ) -> Any:
        """Return the frame with an aggregation behind it."""
        return summary(self, frame, user=user, time=time, kept=kept, parts=parts)

    def with_users(self, frame: Any, users: Sequence[str], name: str) -> Any:
        """Return the frame with one expression more."""
        return with_users(self, frame, users, name)

    def without(self, frame: Any, name: str) -> Any:
        """Choose the others."""
        return without(self, frame, name)
