"""One row per session, said once for every engine that arrays do not reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clicksession.errors import ParameterError
from clicksession.rules import reasons
from clicksession.windows.kept import Edge, Kept, conversion_column
from clicksession.windows.words import Column, Frame, Window, Words, free_name

__all__ = ["summary"]

_SECOND = 10**9
_TOLD = ("session_index", "started_at", "ended_at")

# Behind all places of events.
_NOWHERE = 2**62


def summary(
    words: Words,
    sessionized: Frame,
    *,
    user: str,
    time: str,
    kept: Kept | None = None,
    parts: Sequence[str] = (),
) -> Frame:
    """Return one row per session, as lazy as the frame, in no order that is promised.

    Parameters
    ----------
    words
        What the engine of the frame says things with.
    sessionized
        A frame that has sessions.
    user, time
        The columns that say whose event it is and when it happened.
    kept
        What each session keeps of its events.
    parts
        The columns that make the user, where these are several: they are shown in its place.
    """
    numbered = "session_index" in words.names(sessionized)
    return _Summary(words, user, time, kept or Kept(), numbered, tuple(parts)).of(sessionized)


@dataclass(frozen=True)
class _Summary:
    """The steps from events with sessions to sessions."""

    words: Words
    user: str
    time: str
    kept: Kept
    #: Whether the sessions have their ordinals; ids from elsewhere have none.
    numbered: bool
    parts: tuple[str, ...] = ()

    def of(self, sessionized: Frame) -> Frame:
        """Return one row per session."""
        words = self.words
        explained = "start_reason" in words.names(sessionized)
        unit = words.nanoseconds_per_unit(sessionized, self.time)
        events = self._known(sessionized, explained)
        if self.kept.edges:
            events = self._with_edges(events)
        reasons_too = [self._own("reason")] if explained else []
        edges = [self._own(f"edge_{n}") for n in range(len(self.kept.edges))]
        index = ["session_index"] if self.numbered else []
        # They hang on the user, and tell nothing further apart.
        parts = [self._own(f"part_{n}") for n in range(len(self.parts))]
        keys = ["session_id", self.user, *parts, *index, *reasons_too, *edges]
        grouped = words.grouped(events, "grouped", keys, self._ends())
        if not self.numbered:
            grouped = self._with_ordinals(grouped)
        return words.chosen(grouped, self._result(grouped, explained, unit))

    def _whose(self, grouped: Frame) -> dict[str, Column]:
        """Return the columns that say whose a session is."""
        if not self.parts:
            return {self.user: self.words.column(grouped, self.user)}
        return {part: self._get(grouped, f"part_{n}") for n, part in enumerate(self.parts)}

    def _own(self, name: str) -> str:
        """Return the name of a column of ours; the user's column has a name of its own choice."""
        return f"{name}_" if name == self.user.lower() else name

    def _get(self, frame: Frame, name: str) -> Column:
        return self.words.column(frame, self._own(name))

    def _known(self, sessionized: Frame, explained: bool) -> Frame:
        """Return the events that have a session, with what is looked at."""
        words, kept = self.words, self.kept
        has_session = ~words.is_null(words.column(sessionized, "session_id"))
        # Ids from elsewhere say nothing of the user and the time.
        has_session &= ~words.is_null(words.column(sessionized, self.user))
        has_session &= ~words.lacks_instant(sessionized, self.time)
        numbered = self._in_order(sessionized) if kept.edges else None
        events = words.where(sessionized if numbered is None else numbered, has_session)
        named = {
            "session_id": words.column(events, "session_id"),
            self.user: words.column(events, self.user),
        }
        if self.numbered:
            named["session_index"] = words.column(events, "session_index")
        more = {
            "moment": words.column(events, self.time),
            "instant": words.instant(events, self.time),
        }
        if explained:
            more["reason"] = words.column(events, "start_reason")
        if kept.edges and "event_id" in words.names(events):
            more["event"] = words.column(events, "event_id")
        if numbered is not None:
            more["row"] = words.column(events, self._row(sessionized))
        for number, part in enumerate(self.parts):
            more[f"part_{number}"] = words.column(events, part)
        for number, edge in enumerate(kept.edges):
            more[f"value_{number}"] = words.column(events, edge.source)
        for number, event_type in enumerate(kept.counted_events):
            is_this = words.text(words.column(events, "event_type")) == words.value(event_type)
            more[f"is_{number}"] = words.case([(is_this, words.value(1))], None)
        return words.narrowed(events, "known", {**named, **self._named(more)})

    def _with_ordinals(self, grouped: Frame) -> Frame:
        """Return the sessions with the ordinal of each among its user's."""
        words = self.words
        order = (self._get(grouped, "first_instant"), *words.rank(grouped, "session_id"))
        nth = words.row_number(Window((words.whose(grouped, self.user),), order))
        return words.step(grouped, "numbered", {"session_index": nth})

    def _named(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        return {self._own(name): column for name, column in columns.items()}

    def _row(self, sessionized: Frame) -> str:
        return free_name("row_number", self.words.names(sessionized))

    def _in_order(self, sessionized: Frame) -> Frame | None:
        """Return the events with the numbers of their rows, where the engine has an order of rows.

        By these come rows of one id, which are one event to a table.

        Raises
        ------
        ParameterError
            No ``event_id`` says which of two events at one time comes first.
        """
        if "event_id" not in self.words.names(sessionized):
            must = "of events with event_id, by which those of one moment are in order"
            parameter = "first" if self.kept.first else "last"
            hint = "clicksession.quality.with_event_ids makes them of a frame in memory."
            raise ParameterError("summarize", parameter, must, "events without it", hint)
        return self.words.numbered(sessionized, self._row(sessionized))

    def _with_edges(self, events: Frame) -> Frame:
        """Add to each event the first and last values of its session."""
        words, known = self.words, self.words.names(events)
        ties = [self._own(name) for name in ("event", "row") if self._own(name) in known]
        order = [self._get(events, "instant"), *(k for n in ties for k in words.rank(events, n))]
        place = words.row_number(Window(self._session(events), tuple(order)))
        events = words.step(events, "placed", self._named({"place": place}))
        turns = {f"turn_{n}": self._turn(events, n, e) for n, e in enumerate(self.kept.edges)}
        events = words.step(events, "turned", self._named(turns))
        session = self._session(events)
        edges = {
            f"edge_{n}": words.first(
                self._get(events, f"value_{n}"),
                Window(session, (self._get(events, f"turn_{n}"),)),
            )
            for n in range(len(self.kept.edges))
        }
        return words.step(events, "kept", self._named(edges))

    def _session(self, events: Frame) -> tuple[Column, Column]:
        """Return what the events of a session have in common: one id, of one user."""
        return self.words.column(events, "session_id"), self.words.whose(events, self.user)

    def _turn(self, events: Frame, number: int, edge: Edge) -> Column:
        """Return by what an event is the first of its session to have a value, or the last."""
        words, place = self.words, self._get(events, "place")
        is_null = words.is_null(self._get(events, f"value_{number}"))
        turn = words.value(0) - place if edge.is_last else place
        return words.case([(is_null, words.value(_NOWHERE))], turn)

    def _ends(self) -> dict[str, tuple[str, str]]:
        moment, instant = self._own("moment"), self._own("instant")
        counts = range(len(self.kept.counted_events))
        return {
            "started_at": ("min", moment),
            "ended_at": ("max", moment),
            self._own("first_instant"): ("min", instant),
            self._own("last_instant"): ("max", instant),
            "event_count": ("count", instant),
            **{self._own(f"count_{n}"): ("count", self._own(f"is_{n}")) for n in counts},
        }

    def _result(self, grouped: Frame, explained: bool, unit: int) -> dict[str, Column]:
        words = self.words
        lasted = self._get(grouped, "last_instant") - self._get(grouped, "first_instant")
        index = words.column(grouped, "session_index")
        by_ordinal = words.case(
            [(index == words.value(1), words.value(reasons.FIRST))],
            words.value(reasons.TIMEOUT if self.numbered else reasons.GIVEN),
        )
        columns = {
            "session_id": words.column(grouped, "session_id"),
            **self._whose(grouped),
            **{name: words.column(grouped, name) for name in _TOLD},
            # One division of exact integers, so that 90 minutes are 5400.0 and not a hair beside.
            "duration_seconds": words.quotient(lasted, _SECOND // unit),
            "event_count": words.column(grouped, "event_count"),
            "start_reason": self._get(grouped, "reason") if explained else by_ordinal,
        }
        for number, edge in enumerate(self.kept.edges):
            columns[edge.name] = self._get(grouped, f"edge_{number}")
        for number, event_type in enumerate(self.kept.counted_events):
            columns[conversion_column(event_type)] = self._get(grouped, f"count_{number}")
        return columns
