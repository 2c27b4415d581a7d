"""`compare_sessions`: sessions that a tracker gave, beside those that rules cut."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from clicksession.display import Card, listing_of
from clicksession.durations import in_words
from clicksession.engines.arrays import Split
from clicksession.engines.columns import read_times, zone_of
from clicksession.engines.frames import in_memory
from clicksession.engines.given import given_ids
from clicksession.engines.ordering import differs
from clicksession.engines.splitting import split_frame
from clicksession.engines.summarizing import time_column
from clicksession.keywords import keywords
from clicksession.labels import require_column, require_distinct
from clicksession.quality.ties import EventIds
from clicksession.rules import Rules, as_rules, reasons

__all__ = ["SessionComparison", "compare_sessions"]

Integers = npt.NDArray[np.int64]

_WHO = "compare_sessions"
_OF_TARGETS = "load_events(target) gives the events of a target as one."
_OUTCOMES = ("agreeing", "split", "joined", "both", "uncut")


@dataclass(frozen=True)
class SessionComparison:
    """How given sessions and cut ones differ; as text, a sentence.

    What is compared is the events that are of a session by both.

    Attributes
    ----------
    given, rules
        The column of the given ids, and what cut the others.
    events
        How many events there are.
    events_without_given, events_without_cut
        How many have no given session, and how many the rules leave without one.
    given_sessions, cut_sessions
        How many sessions there are either way; `cut_sessions` only counts those that have an event
        of a given one.
    agreeing
        How many given sessions are the same events as a cut one.
    split, joined, both
        How many lie in several cut sessions; in one with other given ones; in several, of which
        one has others too.
    uncut
        How many have no event that the rules give a session. The five add up to `given_sessions`.
    disagreements
        A row per given session that is split, joined or both: ``user_id``, ``given`` (text),
        ``started_at``, ``ended_at``, ``event_count``, ``cut_sessions`` (int64: in how many it
        lies), ``outcome`` (text), ``why`` (text), in order of user and start.

    Examples
    --------
    >>> import pandas as pd
    >>> import clicksession as cs
    >>> times = pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:10", "2024-05-01 11:00"])
    >>> events = pd.DataFrame({"user_id": "ann", "timestamp": times, "visit_id": "a"})
    >>> found = cs.compare_sessions(events, "visit_id")
    >>> found.given_sessions, found.agreeing, found.split
    (1, 0, 1)
    """

    given: str
    rules: Rules
    events: int
    events_without_given: int
    events_without_cut: int
    given_sessions: int
    cut_sessions: int
    agreeing: int
    split: int
    joined: int
    both: int
    uncut: int
    disagreements: pd.DataFrame

    def __repr__(self) -> str:
        # It is read, not made: what a session of Python shows is what it says.
        return str(self)

    def _repr_html_(self) -> str:
        outcomes = {
            "the same": self.agreeing,
            "split": self.split,
            "joined": self.joined,
            "both": self.both,
            **({"not cut": self.uncut} if self.uncut else {}),
        }
        sessions = {"given": self.given_sessions, "cut": self.cut_sessions}
        rows = self.disagreements.itertuples(index=False)
        columns, count = list(map(str, self.disagreements)), len(self.disagreements)
        return Card(
            kind="Sessions given and cut",
            sentences=[f"Given by {self.given}. Cut: {self.rules}"],
            figures={"Sessions": sessions, "Of those given": outcomes},
            notes=self._notes,
            listings=[listing_of("Those that differ", columns, rows, count)] if count else [],
        ).html

    @property
    def _notes(self) -> list[str]:
        told = {"given": self.events_without_given, "cut": self.events_without_cut}
        return [
            f"{count:,} of {self.events:,} events have no {kind} session."
            for kind, count in told.items()
            if count
        ]

    def __str__(self) -> str:
        text = (
            f"Of {self.given_sessions:,} sessions given by {self.given}: {self.agreeing:,} the "
            f"same as a cut one, {self.split:,} split, {self.joined:,} joined, {self.both:,} both"
        )
        text += f", {self.uncut:,} without an event that is cut" if self.uncut else ""
        text += f". {self.events_without_given:,} of {self.events:,} events have no given session"
        text += (
            f", {self.events_without_cut:,} no cut one" if self.events_without_cut else ""
        ) + f". Cut: {self.rules}"
        return text


@keywords()
def compare_sessions(
    events: Any,
    given: str,
    timeout: str | timedelta = "30min",
    *,
    rules: Rules | None = None,
    user: str = "user_id",
    time: str = "timestamp",
) -> SessionComparison:
    """Compare the sessions that a tracker gave with those that rules cut of the same events.

    Parameters
    ----------
    events
        One row per event: a pandas or Polars DataFrame, or a pyarrow Table. It is not changed.
    given
        The column of the given ids; an event without a value has no given session.
    timeout, rules, user, time
        As for `clicksession.sessionize`: what cuts the sessions to compare with, over all events,
        also those without a given session.

    Returns
    -------
    SessionComparison
        How many agree, and which do not, and why. ``print()`` says it in a sentence.

    Raises
    ------
    ParameterError
        A frame that is not in memory, or a column that is not there or not of such a type.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "user_id": "ann",
    ...     "timestamp": pd.to_datetime(
    ...         ["2024-05-01 10:00", "2024-05-01 10:31", "2024-05-01 12:00", "2024-05-01 12:10"]
    ...     ),
    ...     "visit_id": [1, 1, 2, 3],
    ... })
    >>> found = compare_sessions(events, "visit_id")
    >>> found.split, found.joined
    (1, 2)
    >>> found.disagreements[["given", "outcome", "why"]]
      given outcome                              why
    0     1   split            a pause of 31 minutes
    1     2  joined  3 begins 10 minutes after its end
    2     3  joined  begins 10 minutes after the end of 2
    """
    rules = as_rules(timeout, rules, who=_WHO)
    library = in_memory(events, who=_WHO, parameter="events", hint=_OF_TARGETS)
    known = library.columns(events)
    require_distinct(library.labels(events), _WHO)
    for parameter, name in (("user", user), ("time", time), ("given", given)):
        require_column(known, name, _WHO, parameter)
    for name in rules.columns:
        require_column(known, name, _WHO, "rules", about="about ")
    looked_at = dict.fromkeys((user, time, given, *rules.columns))
    face = library.face(events, [name for name in looked_at if name in known])
    by_id = Rules(None, session_column=given)
    ids_of = EventIds(library, events, user, time, _WHO).to_sort_by
    ours = split_frame(face, rules, ids_of, user=user, time=time, who=_WHO)
    theirs = split_frame(face, by_id, ids_of, user=user, time=time, who=_WHO)
    pairs = _Pairs(theirs, ours)
    outcomes = pairs.outcomes()
    counts = dict(zip(_OUTCOMES, np.bincount(outcomes, minlength=5).tolist(), strict=True))
    values = given_ids(face[given], _WHO).take(pa.array(theirs.rows[theirs.starts]))
    table = _table(pairs, outcomes, values.cast(pa.string()).to_pylist(), face[time])
    return SessionComparison(
        given=given,
        rules=rules,
        events=len(face),
        events_without_given=len(face) - len(theirs.rows),
        events_without_cut=len(face) - len(ours.rows),
        given_sessions=len(theirs.starts),
        cut_sessions=len(np.unique(pairs.cut)),
        **counts,
        disagreements=table,
    )


class _Pairs:
    """Which events are of which two sessions, in order of the given one and the time.

    Attributes
    ----------
    given, cut, moments
        The numbers of the two sessions of each event that has both, and its time.
    theirs, ours
        The given sessions, and the cut ones.
    pieces
        In how many cut sessions each given one lies.
    shared
        Of each cut session, whether several given ones lie in it.
    mixed
        Of each given session, whether it lies in one that is shared.
    """

    def __init__(self, theirs: Split, ours: Split) -> None:
        self.theirs, self.ours = theirs, ours
        of_row = np.full(len(ours.users.known), -1, dtype=np.int64)
        of_row[ours.rows] = np.repeat(np.arange(len(ours.starts)), ours.event_counts)
        cut = of_row[theirs.rows]
        given = np.repeat(np.arange(len(theirs.starts)), theirs.event_counts)
        compared = cut >= 0
        self.given, self.cut = given[compared], cut[compared]
        self.moments = theirs.times.microseconds(theirs.times.counts[theirs.rows[compared]])
        together = np.unique(np.stack([self.given, self.cut]), axis=1)
        self.pieces = np.bincount(together[0], minlength=len(theirs.starts))
        self.shared = np.bincount(together[1], minlength=len(ours.starts)) > 1
        self.mixed = np.zeros(len(theirs.starts), dtype=bool)
        self.mixed[together[0][self.shared[together[1]]]] = True

    def outcomes(self) -> Integers:
        """Return the number of the outcome of each given session."""
        apart = self.pieces > 1
        found = np.select(
            [self.pieces == 0, apart & self.mixed, self.mixed, apart], [4, 3, 2, 1], default=0
        )
        return found.astype(np.int64)

    def breaks(self) -> dict[int, list[str]]:
        """Return why given sessions are split: of each, what began the cut ones within it."""
        same = self.given[1:] == self.given[:-1]
        places = np.flatnonzero(same & (self.cut[1:] != self.cut[:-1])) + 1
        found: dict[int, list[str]] = {}
        causes = self.ours.reasons.take(pa.array(self.cut[places])).to_pylist()
        for place, cause in zip(places.tolist(), causes, strict=True):
            why = cause
            if cause == reasons.TIMEOUT:
                why = f"a pause of {_between(self.moments[place - 1], self.moments[place])}"
            whys = found.setdefault(int(self.given[place]), [])
            if why not in whys:
                whys.append(why)
        return found

    def neighbours(self, values: list[str]) -> dict[int, list[str]]:
        """Return why given sessions are joined: of each, how the nearest other one lies to it."""
        inside = np.flatnonzero(self.shared[self.cut])
        order = inside[np.lexsort((self.given[inside], self.cut[inside]))]
        starts = np.flatnonzero(differs(self.cut[order], self.given[order]))
        if not len(starts):
            return {}
        cut, given = self.cut[order[starts]], self.given[order[starts]]
        since = np.minimum.reduceat(self.moments[order], starts)
        until = np.maximum.reduceat(self.moments[order], starts)
        in_time = np.lexsort((given, since, cut))
        stretches = [
            _Stretch(*row) for row in np.stack([cut, given, since, until])[:, in_time].T.tolist()
        ]
        found: dict[int, list[str]] = {}
        before: _Stretch | None = None
        for one, after in zip_longest(stretches, stretches[1:]):
            if before is not None and before.cut != one.cut:
                before = None
            if after is not None and after.cut != one.cut:
                after = None
            found.setdefault(one.given, []).append(_lies(one, before, after, values))
            # Of those before, the one that ends last is the nearest.
            before = one if before is None or one.until > before.until else before
        return found


class _Stretch(NamedTuple):
    """The time of a given session within a cut one, in microseconds."""

    cut: int
    given: int
    since: int
    until: int


def _lies(one: _Stretch, before: _Stretch | None, after: _Stretch | None, values: list[str]) -> str:
    """Say how a stretch lies to the one before it or the one after it."""
    if before is not None and before.until >= one.since:
        return f"interleaves with {values[before.given]}"
    if after is not None and after.since <= one.until:
        return f"interleaves with {values[after.given]}"
    if after is not None:
        return f"{values[after.given]} begins {_between(one.until, after.since)} after its end"
    assert before is not None  # what is shared has two stretches
    gap = _between(before.until, one.since)
    return f"begins {gap} after the end of {values[before.given]}"


def _between(first: int, second: int) -> str:
    return in_words(timedelta(microseconds=int(second) - int(first))) or "no time"


def _table(pairs: _Pairs, outcomes: Integers, values: list[str], times: pd.Series) -> pd.DataFrame:
    """Return a row for each given session that is not the same as a cut one."""
    theirs = pairs.theirs
    others = np.flatnonzero((outcomes > 0) & (outcomes < 4))
    breaks, neighbours = pairs.breaks(), pairs.neighbours(values)
    whys = [
        "; ".join([*breaks.get(number, []), *neighbours.get(number, [])])
        for number in others.tolist()
    ]
    counts, zone = read_times(times, who=_WHO, parameter="time"), zone_of(times)
    users = theirs.owners.take(pa.array(others))
    return pd.DataFrame(
        {
            "user_id": users.to_pandas(),
            "given": pd.Series([values[number] for number in others.tolist()], dtype="str"),
            "started_at": time_column(theirs.started_at[others], counts, zone),
            "ended_at": time_column(theirs.ended_at[others], counts, zone),
            "event_count": theirs.event_counts[others],
            "cut_sessions": pairs.pieces[others],
            "outcome": pd.Series([_OUTCOMES[n] for n in outcomes[others].tolist()], dtype="str"),
            "why": pd.Series(whys, dtype="str"),
        }
    )
