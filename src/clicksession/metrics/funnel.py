"""How far people get along a way of several steps, and how long it takes them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from clicksession.durations import as_duration, in_words
from clicksession.keywords import keywords
from clicksession.metrics.base import TableMetric
from clicksession.metrics.building.asked import Asked
from clicksession.metrics.building.occurring import Looked
from clicksession.metrics.building.units import TIME_UNITS, TimeUnit, in_unit
from clicksession.metrics.building.where import check_where
from clicksession.metrics.roles import types_of
from clicksession.metrics.steps import (
    Order,
    Start,
    Step,
    Steps,
    Ways,
    as_step,
    label_of,
    names_of,
    one_of,
    step_columns,
)
from clicksession.sql.constructs import microseconds_between, previous, rows_with
from clicksession.sql.statistics import (
    Statistic,
    Summary,
    aggregate,
    check_statistic,
    nulls_last,
    share,
    words,
)
from clicksession.sql.tables import Tables, Words

__all__ = ["Funnel", "TimeBetweenSteps"]

_MUST = (
    "event types or roles, tuples of them, or SQLAlchemy conditions such as "
    "column('event_type') == 'pay', at least one"
)


@dataclass(frozen=True, kw_only=True)
class _AlongSteps(TableMetric):
    """What the metrics of a way share: its steps, and which ways count."""

    steps: Steps
    within: str | timedelta = "session"
    order: Order = "loose"
    start: Start = "any"

    @property
    def asks(self) -> tuple[Asked, ...]:
        """The columns that its parameters name."""
        return (*super().asks, *(Asked("steps", name) for name in step_columns(self._steps)))

    @property
    def looks_for(self) -> tuple[Looked, ...]:
        """What its parameters look for among the types of events."""
        names = names_of(self._steps)
        # A condition may be met where no event is of a type that the other steps name.
        is_all = all(isinstance(step, tuple) for step in self._steps)
        return (Looked("steps", names, is_needed=is_all),) if names else ()

    def _check(self) -> None:
        self._check_steps()
        self._choose("order", "loose", "strict_steps", "strict")
        self._choose("start", "any", "first", "last")
        if self.within != "session":
            duration = as_duration(self.within, who=type(self).__name__, parameter="within")
            object.__setattr__(self, "within", duration)

    def _check_steps(self) -> None:
        given: Any = self.steps
        steps = given if isinstance(given, tuple | list) else (given,)
        kept = tuple(map(as_step, steps))
        if not kept or any(step is None for step in kept):
            raise self._refuse("steps", _MUST)
        for step in kept:
            if isinstance(step, ColumnElement):
                check_where(type(self).__name__, step, "steps")
        object.__setattr__(self, "steps", kept)

    @property
    def _steps(self) -> tuple[Step, ...]:
        kept: Any = self.steps
        return kept  # type: ignore[no-any-return]

    def _ways(self, tables: Tables | None) -> Ways:
        given = (self._steps, self.within, self.order, self.start)
        return Ways(self._tables(tables), self._scope, *given)

    @property
    def _who(self) -> str:
        return "sessions" if self.within == "session" else "users"

    def _along(self) -> str:
        """Return how a sentence names the way."""
        way = ", then ".join(
            f"one with {label_of(step)}"
            if isinstance(step, ColumnElement)
            else " or ".join(map(repr, types_of(step)))
            for step in self._steps
        )
        between = {
            "loose": "",
            "strict_steps": ", with no event of any step between two of them",
            "strict": ", with no other event between two of them",
        }
        limit = ""
        if isinstance(self.within, timedelta):
            limit = f", at most {in_words(self.within)} from the first to the last"
        return f"the events {way}, in this order{between[self.order]}{limit}"

    def _from_start(self) -> str:
        """Return the sentence on where a way begins, if that is not anywhere."""
        if self.start == "any":
            return ""
        whose = "session" if self.within == "session" else "user"
        return f" Ways begin at the {self.start} such first event of each {whose}, at no other."

    @property
    def _counts(self) -> str:
        if self.within == "session":
            return super()._counts
        return "users count who reach the first step in a session that began"

    @property
    def _beside(self) -> str:
        several = self.within != "session" and len(self._steps) > 1
        return "; the later steps may come at any time after it" if several else ""


@keywords()
@dataclass(frozen=True, kw_only=True)
class Funnel(_AlongSteps):
    """How many sessions, or users, get through one step after another.

    A step is reached by an event of it that comes after the one that reached the step before.
    Ties in time break by ``event_id``.

    Columns: the keys of `by`; ``step`` (1 for the first); ``event_type``, or what else the step
    asks for; ``reached``; its ``share_of_first`` and its ``share_of_previous`` step, from 0 to 1,
    null for a share of nothing. One row for each step.

    Parameters
    ----------
    steps
        In order, what the events are: an event type; a `Role`; several of them in a tuple, any of
        which will do; or a condition, a SQLAlchemy expression over columns of the events, such as
        ``and_(column("event_type") == "pay", column("browser") == "Safari")``. One may come twice.
    within
        ``"session"``: all steps in one session, and sessions are counted. Or a duration, such as
        ``"7d"``: all steps within so long from the first of them, in any of the user's sessions,
        and users are counted.
    order
        What may lie between two steps. ``"loose"``: any events. ``"strict_steps"``: events of no
        step. ``"strict"``: no event.
    start
        Where a way may begin, of the events of the first step that a session, or user, has: at
        ``"any"``, so that the best way counts; at the ``"first"``; at the ``"last"``.
    by, since, until
        See `Metric`: the session that the first step is in. Users count for each of their keys.
        Later steps may be behind the window.
    where
        See `Metric`.

    Raises
    ------
    ParameterError
        No step, one that is neither name nor condition, or a duration without a unit.

    Examples
    --------
    >>> print(Funnel(steps=("page_view", "placed_order")).describe())
    The number of sessions with the events 'page_view', then 'placed_order', in this order.
    >>> print(Funnel(steps=("page_view", "placed_order"), within="7d").describe())
    The number of users with the events 'page_view', then 'placed_order', in this order, at most
    7 days from the first to the last.
    """

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        ways = _deepest(self._ways(tables))
        keys = self._scope.keys_in(ways)
        counts = union_all(
            *(
                select(
                    *keys,
                    literal_column(str(number)).label("step"),
                    literal(label_of(step), Words()).label("event_type"),
                    func.count(case((ways.c.deepest >= number, 1))).label("reached"),
                ).group_by(*keys)
                for number, step in enumerate(self._steps, 1)
            )
        ).cte("counts")
        groups = self._scope.keys_in(counts)
        window: dict[str, Any] = {"partition_by": groups or None, "order_by": counts.c.step}
        # No step is reached more often than the first.
        first = func.max(counts.c.reached).over(partition_by=groups or None)
        before = previous(counts.c.reached).over(**window)
        return select(
            *self._scope.called_in(counts),
            *(counts.c.step, counts.c.event_type, counts.c.reached),
            share(counts.c.reached, first).label("share_of_first"),
            share(counts.c.reached, before).label("share_of_previous"),
        ).order_by(*nulls_last(groups), counts.c.step)

    def _definition(self) -> str:
        if len(self._steps) == 1:
            return f"The number of {self._who} with {one_of(self._steps[0])}.{self._from_start()}"
        return f"The number of {self._who} with {self._along()}.{self._from_start()}"


@keywords()
@dataclass(frozen=True, kw_only=True)
class TimeBetweenSteps(_AlongSteps):
    """How long it takes from one step of a funnel to another.

    Of the ways that a session, or user, takes, the one that gets furthest is timed; of several that
    get as far, the one that begins first.

    Columns: the keys of `by`; ``step`` (2 for the second); ``event_type``, or what else the step
    asks for; ``reached``, how many got there; the statistic of the time that it took them, called
    ``median_minutes`` or alike. A step that nobody reached has no row.

    Parameters
    ----------
    steps, within, order, start, by, where, since, until
        See `Funnel`.
    from_step
        Since when: ``"previous"``, the step before; or a step by its number, 1 for the first, and
        then the steps after it have rows.
    statistic
        ``"median"``, ``"mean"``, or a percentile such as ``"p90"``.
    unit
        ``"seconds"``, ``"minutes"``, ``"hours"`` or ``"days"``.

    Raises
    ------
    ParameterError
        As of `Funnel`; or fewer than two steps, or `from_step` has none after it.

    Examples
    --------
    >>> print(TimeBetweenSteps(steps=("sign_up", "buy"), within="7d").describe())
    The median, over all users who get to a step of the events 'sign_up', then 'buy', in this order,
    at most 7 days from the first to the last, of the minutes since the step before.
    """

    from_step: Literal["previous"] | int = "previous"
    statistic: Statistic = "median"
    unit: TimeUnit = "minutes"

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        timed = _timed(self._ways(tables), self.from_step)
        spans = self._spans(timed).cte("spans")
        called = [*self._scope.keys, ("step", "step"), ("event_type", "event_type")]
        keys = [spans.c[key] for key, _ in called]
        return (
            Summary(
                *(spans.c[key].label(name) for key, name in called),
                rows_with(spans.c.value).label("reached"),
                aggregate(spans.c.value, self.statistic).label(self._column),
            )
            .group_by(*keys)
            .order_by(*nulls_last(keys))
        )

    @property
    def _column(self) -> str:
        return f"{self.statistic.replace('.', '_')}_{self.unit}"

    def _check(self) -> None:
        super()._check()
        if len(self._steps) < 2:
            raise self._refuse("steps", "at least two steps")
        known = ("previous", *range(1, len(self._steps)))
        if isinstance(self.from_step, bool) or self.from_step not in known:
            must = f"'previous', or a step that others follow: 1 to {len(self._steps) - 1}"
            raise self._refuse("from_step", must)
        check_statistic(self.statistic, type(self).__name__)
        self._choose("unit", *TIME_UNITS)

    def _spans(self, timed: CTE) -> Select[Any]:
        """Return how long each timed way took to each step."""
        after = 1 if self.from_step == "previous" else self.from_step
        took = microseconds_between(timed.c.since_at, timed.c.timestamp)
        labels = [
            (timed.c.step == number, literal(label_of(step), Words()))
            for number, step in enumerate(self._steps, 1)
            if number > after
        ]
        return select(
            *self._scope.keys_in(timed),
            timed.c.step,
            case(*labels).label("event_type"),
            in_unit(took, self.unit).label("value"),
        ).where(timed.c.step > after)

    def _definition(self) -> str:
        who = "sessions that" if self.within == "session" else "users who"
        since = "the step before"
        if self.from_step != "previous":
            since = f"{one_of(self._steps[self.from_step - 1])}, step {self.from_step}"
        return (
            f"The {words(self.statistic)}, over all {who} get to a step of {self._along()}, of the "
            f"{self.unit} since {since}.{self._from_start()}"
        )


def _reached(ways: Ways, *more: str) -> CTE:
    """Return every step that a way reached, with these columns of the way."""
    return union_all(
        *(
            select(
                *ways.scope.keys_in(part),
                *(part.c[name] for name in ("whose", *more)),
                literal_column(str(number)).label("step"),
            )
            for number, part in enumerate(ways.parts, 1)
        )
    ).cte("reached_steps")


def _deepest(ways: Ways) -> CTE:
    """Return how far each session, or user, gets on their best way."""
    steps = _reached(ways)
    whose = [*ways.scope.keys_in(steps), steps.c.whose]
    return select(*whose, func.max(steps.c.step).label("deepest")).group_by(*whose).cte("ways")


def _timed(ways: Ways, from_step: Any) -> CTE:
    """Return each step of the best ways, when it was, and when the step was that time is since."""
    steps, events = _reached(ways, "began", "position"), ways.events
    whose = [*ways.scope.keys_in(steps), steps.c.whose]
    deepest = (
        select(*whose, steps.c.began, func.max(steps.c.step).label("deepest"))
        .group_by(*whose, steps.c.began)
        .cte("ways")
    )
    place = func.row_number().over(
        partition_by=[*ways.scope.keys_in(deepest), deepest.c.whose],
        order_by=[deepest.c.deepest.desc(), deepest.c.began],
    )
    ranked = select(deepest.c.whose, deepest.c.began, place.label("place")).cte("ranked_ways")
    is_best = and_(
        ranked.c.whose == steps.c.whose, ranked.c.began == steps.c.began, ranked.c.place == 1
    )
    is_there = and_(events.c.whose == steps.c.whose, events.c.position == steps.c.position)
    way: dict[str, Any] = {"partition_by": [steps.c.whose, steps.c.began]}
    if from_step == "previous":
        since = previous(events.c.timestamp).over(**way, order_by=steps.c.step)
    else:
        since = func.max(case((steps.c.step == from_step, events.c.timestamp))).over(**way)
    return (
        select(
            *ways.scope.keys_in(steps),
            *(steps.c.step, events.c.timestamp, since.label("since_at")),
        )
        .select_from(steps.join(ranked, is_best).join(events, is_there))
        .cte("timed_steps")
    )
