"""The ids of sessions that a tracker gave, for a log in batches.

From batch to batch, user and value together are cut as if they were a user. What a session is
called depends on the other sessions of the user, so that is kept here.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.engines.arrays import Split
from clicksession.errors import ParameterError
from clicksession.rules import reasons

__all__ = ["Visit", "Visits", "owners"]

Integers = npt.NDArray[np.int64]


def owners(users: pa.Array, values: pa.Array) -> pa.Array:
    """Return user and value in one text each, from which both can be told again."""
    text = pa.large_string()
    users, values = users.cast(text), values.cast(text)
    lengths = pc.utf8_length(values).cast(text)
    told = pc.binary_join_element_wise(lengths, values, pa.scalar(":", text))
    return pc.binary_join_element_wise(told, users, pa.scalar("", text))


def _told(owner: str) -> tuple[str, str]:
    """Return the user and the value of a text that `owners` made."""
    length, _, both = owner.partition(":")
    return both[int(length) :], both[: int(length)]


@dataclass(frozen=True)
class Visit:
    """What a session is called: its id, its ordinal within its user, and why it began."""

    id: str
    index: int
    reason: str


@dataclass
class _User:
    """How many sessions a user had, when the latest began, and how many in that microsecond.

    Its place is the moment at the resolution of the data, and the value, by which sessions of one
    moment are in order.
    """

    sessions: int = 0
    latest: int | None = None
    at_once: int = 0
    place: tuple[int, str] | None = None


@dataclass
class Visits:
    """What is known of the sessions so far.

    Attributes
    ----------
    last
        The last session of each user and value of which one is open.
    """

    last: dict[str, Visit] = field(default_factory=dict)
    _users: dict[str, _User] = field(default_factory=dict)

    def named(self, split: Split, carried: Integers, who: str) -> list[Visit]:
        """Return what each session of a split by `owners` is called.

        Parameters
        ----------
        split
            The next sessions, in each user and value by their start.
        carried
            The numbers of those that began before.
        who
            Named in errors.

        Raises
        ------
        ParameterError
            A session belongs before one that was named already.
        """
        names = split.owners.to_pylist()
        starts = split.started_at.tolist()
        moments = split.times.microseconds(split.started_at).tolist()
        causes = split.reasons.to_pylist()
        found = {place: self.last[names[place]] for place in carried.tolist()}
        new = [place for place in range(len(names)) if place not in found]
        told = {place: _told(names[place]) for place in new}
        for place in sorted(new, key=lambda n: (told[n][0], starts[n], told[n][1], n)):
            user, value = told[place]
            self._follows(user, (starts[place], value), who)
            found[place] = self._next(user, moments[place], causes[place])
        for place, name in enumerate(names):
            self.last[name] = found[place]
        return [found[place] for place in range(len(names))]

    def keep(self, owners: Iterable[str], now: int | None, *, numbered: bool) -> None:
        """Forget what no later session can depend on.

        Parameters
        ----------
        owners
            Those that have an open session.
        now
            The microsecond of the latest event.
        numbered
            Whether ordinals go on, for which every user must be remembered.
        """
        self.last = {name: self.last[name] for name in owners}
        if not numbered:
            self._users = {name: one for name, one in self._users.items() if one.latest == now}

    def as_plain(self) -> dict[str, Any]:
        """Return all of it as JSON can have it."""
        return {
            "last": {name: astuple(visit) for name, visit in self.last.items()},
            "users": {name: astuple(user) for name, user in self._users.items()},
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Visits":
        """Return what `as_plain` was called on."""
        last = {name: Visit(*values) for name, values in plain["last"].items()}
        users = {
            name: _User(sessions, latest, at_once, place and (place[0], place[1]))
            for name, (sessions, latest, at_once, place) in plain["users"].items()
        }
        return cls(last, users)

    def _follows(self, name: str, place: tuple[int, str], who: str) -> None:
        user = self._users.setdefault(name, _User())
        if user.place is not None and place < user.place:
            must = "with all events of one moment in one batch, where sessions are given"
            raise ParameterError(who, "events", must, f"{place[1]!r} after {user.place[1]!r}")
        user.place = place

    def _next(self, name: str, moment: int, cause: str) -> Visit:
        """Return what the next session of a user is called."""
        user = self._users[name]
        user.sessions += 1
        user.at_once = user.at_once + 1 if user.latest == moment else 1
        user.latest = moment
        suffix = f".{user.at_once}" if user.at_once > 1 else ""
        if user.sessions == 1:
            cause = reasons.FIRST
        elif cause == reasons.FIRST:
            cause = reasons.GIVEN
        return Visit(f"{name}:{moment}{suffix}", user.sessions, cause)
