"""The sessions that the events of a next batch may belong to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.engines.carried import Carried

__all__ = ["OpenSessions"]

Integers = npt.NDArray[np.int64]

_NUMBERS = ("numbers", "began", "twins", "events", "until", "ended", "lengths", "times")


@dataclass(frozen=True)
class OpenSessions:
    """Open sessions, one for each user, and their last events, one below the other.

    Attributes
    ----------
    numbers
        The ordinal of each session within its user.
    began, twins
        When it began, and how many of its user began before it in the same microsecond.
    events
        How many events it had before those that are kept.
    until, ended
        As in `clicksession.engines.carried`.
    lengths
        How many events of each session are kept.
    times, rows
        When these were, and what the rules look at.
    """

    users: pa.Array
    reasons: pa.Array
    rows: dict[str, pa.Array]
    numbers: Integers
    began: Integers
    twins: Integers
    events: Integers
    until: Integers
    ended: Integers
    lengths: Integers
    times: Integers

    @classmethod
    def none(cls, columns: tuple[str, ...]) -> "OpenSessions":
        """Return what is known before the first batch."""
        nothing = {name: np.empty(0, dtype=np.int64) for name in _NUMBERS}
        rows = {name: pa.nulls(0) for name in columns}
        return cls(pa.nulls(0), pa.array([], pa.large_string()), rows, **nothing)

    @classmethod
    def from_plain(cls, state: Mapping[str, Any]) -> "OpenSessions":
        """Return the sessions of which `as_plain` made values of JSON."""
        return cls(
            users=pa.array(state["users"]),
            reasons=pa.array(state["reasons"], pa.large_string()),
            rows={name: pa.array(values) for name, values in state["rows"].items()},
            **{name: np.array(state[name], dtype=np.int64) for name in _NUMBERS},
        )

    def as_plain(self) -> dict[str, Any]:
        """Return them as values that JSON has."""
        return {
            "users": self.users.to_pylist(),
            "reasons": self.reasons.to_pylist(),
            **{name: getattr(self, name).tolist() for name in _NUMBERS},
            "rows": {name: values.to_pylist() for name, values in self.rows.items()},
        }

    @property
    def users_of_rows(self) -> pa.Array:
        """The user of each event that is kept."""
        return self.users.take(pa.array(np.repeat(np.arange(len(self.lengths)), self.lengths)))

    @property
    def carried(self) -> Carried:
        """What a split has to know of them, where their events come before those of a batch."""
        ends = np.cumsum(self.lengths)
        return Carried(
            first=ends - self.lengths,
            last=ends - 1,
            began=self.began,
            events=self.events,
            until=self.until,
            ended=self.ended.astype(np.int32),
        )
