"""Who converts, how soon, and where those who do came from."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import CTE, FromClause, Select, and_, case, func, select

from clicksession.errors import ParameterError
from clicksession.keywords import keywords
from clicksession.metrics.base import Metric, NumberMetric, StatisticMetric, TableMetric
from clicksession.metrics.building.asked import Asked
from clicksession.metrics.building.occurring import Looked
from clicksession.metrics.building.scope import numbered_sessions
from clicksession.metrics.building.sentences import events_of, with_article
from clicksession.metrics.building.typed import B
from clicksession.metrics.building.units import TIME_UNITS, TimeUnit, in_unit
from clicksession.metrics.roles import ORDER, EventTypes, Name
from clicksession.sql.constructs import microseconds_between
from clicksession.sql.conversions import converts
from clicksession.sql.statistics import shares, words
from clicksession.sql.tables import Tables

__all__ = ["Attribution", "ConversionRate", "TimeToConvert"]


class _OfConversions(Metric):
    """What the metrics of this module share: where they find an answer, there are conversions."""

    events: Any

    @property
    def looks_for(self) -> tuple[Looked, ...]:
        """What its parameters look for among the types of events."""
        return (self._looked("events"),)

    def shown_by(self, answer: Any) -> frozenset[Name]:
        """Return the events that it names of which an answer shows that they occur."""
        return self._shown(self.events, self._is_of_some(answer))

    def _is_of_some(self, answer: Any) -> bool:
        """Say whether there is no such answer without a conversion."""
        return bool(len(answer)) if self.gives_table else answer is not None


@keywords()
@dataclass(frozen=True, kw_only=True)
class ConversionRate(_OfConversions, NumberMetric[B]):
    """Which share of sessions, or of users, converts. From 0 to 1.

    Parameters
    ----------
    events
        The event types that are conversions, or a `Role`: orders, unless told.
    per
        ``"session"``, or ``"user"``: with `by`, a user counts in each group that they have a
        session in, and converts there where a session of the group does.
    by, where, since, until
        See `Metric`: each session. A user counts with those in the window, and converts in these.

    Examples
    --------
    >>> print(ConversionRate(per="user").describe())
    The share of users with a session who have a 'placed_order' event.
    """

    events: EventTypes = ORDER
    per: Literal["session", "user"] = "session"

    @property
    def column(self) -> str:
        """What the column of the number is called."""
        return f"{self.per}_conversion_rate"

    def _check(self) -> None:
        self._names("events")
        self._choose("per", "session", "user")

    def _values(self, tables: Tables) -> Select[Any]:
        source: FromClause
        source = sessions = self._scope.sessions(tables)
        keys = self._scope.keys_in(sessions)
        types = self._types("events")
        if tables.counts(types):
            flag = case((converts(sessions, types), 1), else_=0)
        else:
            converted = conversions(tables, types)
            flag = case((converted.c.session_id.is_not(None), 1), else_=0)
            source = sessions.outerjoin(converted, converted.c.session_id == sessions.c.session_id)
        if self.per == "session":
            return select(*keys, flag.label("value")).select_from(source)
        users = select(*keys, func.max(flag).label("value")).select_from(source)
        return users.group_by(sessions.c.user_id, *keys)

    def _is_of_some(self, answer: Any) -> bool:
        return bool((answer[self.column] > 0).any() if self.gives_table else answer)

    def _definition(self) -> str:
        who = "sessions that" if self.per == "session" else "users with a session who"
        return f"The share of {who} have {with_article(events_of(self.events))}."


@keywords()
@dataclass(frozen=True, kw_only=True)
class TimeToConvert(_OfConversions, StatisticMetric[B]):
    """How long it takes to convert, of those who do.

    Parameters
    ----------
    events
        The event types that are conversions, or a `Role`: orders, unless told.
    measured_from
        ``"first_visit"``: from the start of a user's first session to their first conversion.
        ``"session"``: from the start of each session with a conversion to the first one in it.
    unit
        ``"seconds"``, ``"minutes"``, ``"hours"`` or ``"days"``.
    statistic
        ``"median"``, ``"mean"``, or a percentile such as ``"p90"``.
    by, since, until
        See `Metric`: the session that the time is measured from. From a first visit, the conversion
        may be behind the window.
    where
        See `Metric`.

    Examples
    --------
    >>> print(TimeToConvert(unit="days").describe())
    The median, over all users with a 'placed_order' event, of the days from the start of their
    first session to their first such event.
    """

    events: EventTypes = ORDER
    measured_from: Literal["first_visit", "session"] = "first_visit"
    unit: TimeUnit = "minutes"

    def __post_init__(self) -> None:
        """Check the parameters."""
        if isinstance(self.since, str) and self.since in ("first_visit", "session"):
            must = "the beginning of a window of time"
            hint = f"What the time is measured from: measured_from={self.since!r}."
            raise ParameterError(type(self).__name__, "since", must, self.since, hint)
        super().__post_init__()

    @property
    def _measured(self) -> str:
        return f"{self.unit}_to_convert"

    def _check(self) -> None:
        self._names("events")
        self._choose("measured_from", "first_visit", "session")
        self._choose("unit", *TIME_UNITS)

    def _values(self, tables: Tables) -> Select[Any]:
        numbered = numbered_sessions(self._scope.history(tables))
        converted = conversions(tables, self._types("events"))
        keys = self._scope.keys_in(numbered)
        with_one = numbered.join(converted, converted.c.session_id == numbered.c.session_id)
        if self.measured_from == "session":
            took = microseconds_between(numbered.c.started_at, converted.c.converted_at)
            values = select(*keys, in_unit(took, self.unit).label("value")).select_from(with_one)
            return values.where(*self._scope.counted(numbered))
        firsts = (
            select(numbered.c.user_id, func.min(converted.c.converted_at).label("converted_at"))
            .select_from(with_one)
            .group_by(numbered.c.user_id)
            .cte("first_conversions")
        )
        took = microseconds_between(numbered.c.started_at, firsts.c.converted_at)
        return (
            select(*keys, in_unit(took, self.unit).label("value"))
            .select_from(numbered.join(firsts, firsts.c.user_id == numbered.c.user_id))
            .where(numbered.c.number == 1, *self._scope.counted(numbered))
        )

    def _definition(self) -> str:
        over, start = (
            ("users", "the start of their first session to their first such event")
            if self.measured_from == "first_visit"
            else ("sessions", "the start of the session to the first such event in it")
        )
        return (
            f"The {words(self.statistic)}, over all {over} with "
            f"{with_article(events_of(self.events))}, of the {self.unit} from {start}."
        )

    @property
    def _counts(self) -> str:
        if self.measured_from == "session":
            return super()._counts
        return "users count whose first session began"

    @property
    def _beside(self) -> str:
        first_visit = self.measured_from == "first_visit"
        return "; they may convert at any time after it" if first_visit else ""


@keywords()
@dataclass(frozen=True, kw_only=True)
class Attribution(_OfConversions, TableMetric):
    """Where those who convert came from: sessions with a conversion, by an earlier entry.

    Columns: the keys of `by`; ``source``; ``conversions``, the sessions with a conversion that
    count for it; ``share`` of all of them, from 0 to 1. The most first; ties in the order of the
    source, null last. The source is null where no session had one.

    Parameters
    ----------
    source
        The column that says where a session came from, a referrer or a campaign: one of the
        sessions, where these have it, or else of their first events.
    model
        Of the user's sessions up to the conversion's own that have a source, the ``"first"`` or the
        ``"last"`` gets it.
    events
        The event types that are conversions, or a `Role`: orders, unless told. Several in a
        session are one.
    by, since, until
        See `Metric`: the session with the conversion. The one that gave it its source may be before
        the window.
    where
        See `Metric`.

    Examples
    --------
    >>> print(Attribution(source="referrer").describe())
    The number of sessions with a 'placed_order' event for each 'referrer': that of the last session
    which had one, up to and with the session itself.
    """

    source: str
    model: Literal["first", "last"] = "last"
    events: EventTypes = ORDER

    @property
    def asks(self) -> tuple[Asked, ...]:
        """The columns that its parameters name."""
        return (*super().asks, Asked("source", self.source, of_session=True))

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        tables = self._tables(tables)
        numbered = numbered_sessions(self._scope.history(tables, self.source))
        touched, converted = self._touched(numbered), conversions(tables, self._types("events"))
        origin = numbered.alias("origins")
        keys = self._scope.keys_in(touched)
        source = origin.c[f"first_{self.source}"]
        of_origin = and_(
            origin.c.user_id == touched.c.user_id, origin.c.number == touched.c.origin_number
        )
        counted = (
            select(*keys, source.label("source"), func.count().label("conversions"))
            .select_from(
                touched.join(converted, converted.c.session_id == touched.c.session_id).outerjoin(
                    origin, of_origin
                )
            )
            .where(*self._scope.counted(touched))
            .group_by(*keys, source)
            .cte("counted")
        )
        return shares(counted, self._scope.keys, "source", "conversions")

    def _touched(self, numbered: CTE) -> CTE:
        """Return the sessions, each with the number of the one that gave it its source."""
        pick = func.max if self.model == "last" else func.min
        has_source = case((numbered.c[f"first_{self.source}"].is_not(None), numbered.c.number))
        origin = pick(has_source).over(
            partition_by=numbered.c.user_id, order_by=numbered.c.number, rows=(None, 0)
        )
        keys = self._scope.keys_in(numbered)
        columns = [numbered.c.session_id, numbered.c.user_id, *keys]
        placed = self._scope.placed_by(numbered)
        return select(*columns, *placed, origin.label("origin_number")).cte("sessions_with_origins")

    def _check(self) -> None:
        if not isinstance(self.source, str) or not self.source:
            raise self._refuse("source", "the name of a column of the events")
        self._names("events")
        self._choose("model", "first", "last")

    def _definition(self) -> str:
        return (
            f"The number of sessions with {with_article(events_of(self.events))} for each "
            f"{self.source!r}: that of the {self.model} session which had one, up to and with the "
            "session itself."
        )

    _counts = "conversions count whose session began"
    _beside = "; the session that gave the source may be an earlier one"


def conversions(tables: Tables, types: tuple[str, ...]) -> CTE:
    """Return the sessions with an event of these types, and when the first of them was."""
    events = tables.events
    return (
        select(events.c.session_id, func.min(events.c.timestamp).label("converted_at"))
        .where(and_(events.c.event_type.in_(types), events.c.session_id.is_not(None)))
        .group_by(events.c.session_id)
        .cte("conversions")
    )
