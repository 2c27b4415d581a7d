"""Where sessions begin, where they end, and the ways between."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, or_, select

from clicksession.keywords import keywords
from clicksession.metrics.base import TableMetric
from clicksession.metrics.building.asked import Asked, event_column
from clicksession.metrics.building.occurring import Looked
from clicksession.sql.constructs import ascending, descending, previous
from clicksession.sql.statistics import nulls_last, share, shares
from clicksession.sql.tables import Tables

__all__ = ["CommonPaths", "ExitPages", "LandingPages"]


@dataclass(frozen=True, kw_only=True)
class _Pages(TableMetric):
    """What both share: pages at one end of a session."""

    page: str

    _side: ClassVar[Literal["first", "last"]]

    @property
    def asks(self) -> tuple[Asked, ...]:
        """The columns that its parameters name."""
        return (*super().asks, Asked("page", self.page))

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        tables = self._tables(tables)
        sessions, events = self._scope.sessions(tables), tables.events
        page = event_column(events, self.page)
        order = ascending if self._side == "first" else descending
        ranked = (
            select(
                events.c.session_id,
                page.label("page"),
                func.row_number()
                .over(
                    partition_by=events.c.session_id,
                    order_by=[order(events.c.timestamp), order(events.c.event_id)],
                )
                .label("position"),
            )
            .where(and_(events.c.session_id.is_not(None), page.is_not(None)))
            .cte("pages")
        )
        ends = select(ranked.c.session_id, ranked.c.page).where(ranked.c.position == 1).cte("ends")
        keys = self._scope.keys_in(sessions)
        counted = (
            select(*keys, ends.c.page, func.count().label("sessions"))
            .select_from(sessions.outerjoin(ends, ends.c.session_id == sessions.c.session_id))
            .group_by(*keys, ends.c.page)
            .cte("counted")
        )
        return shares(counted, self._scope.keys, "page", "sessions")

    def _check(self) -> None:
        if not isinstance(self.page, str) or not self.page:
            raise self._refuse("page", "the name of a column of the events")

    def _definition(self) -> str:
        having = f"whose {self._side} event with one has it"
        return f"For each {self.page!r}: the number of sessions {having}."


@keywords()
@dataclass(frozen=True, kw_only=True)
class LandingPages(_Pages):
    """On which page sessions begin.

    Columns: the keys of `by`; ``page``; ``sessions`` that begin there; their ``share``, from 0 to
    1. The most first; ties in the order of the page. The page is null for sessions without any.

    Parameters
    ----------
    page
        The column of the events that holds the page. Events where it is null do not count.
    by, where, since, until
        See `Metric`: the session, which counts whole.

    Examples
    --------
    >>> print(LandingPages(page="page_url").describe())
    For each 'page_url': the number of sessions whose first event with one has it.
    """

    _side = "first"


@keywords()
@dataclass(frozen=True, kw_only=True)
class ExitPages(_Pages):
    """On which page sessions end.

    Columns: those of `LandingPages`.

    Parameters
    ----------
    page
        The column of the events that holds the page. Events where it is null do not count.
    by, where, since, until
        See `Metric`: the session, which counts whole.

    Examples
    --------
    >>> print(ExitPages(page="page_url").describe())
    For each 'page_url': the number of sessions whose last event with one has it.
    """

    _side = "last"


@keywords()
@dataclass(frozen=True, kw_only=True)
class CommonPaths(TableMetric):
    """The most common ways through the beginnings of sessions.

    Columns: the keys of `by`; ``step_1`` to ``step_n``, null behind a session's end; ``sessions``
    that go this way; their ``share`` of all sessions with any step, from 0 to 1. The most first;
    ties in the order of the steps.

    Parameters
    ----------
    of
        The column of the events that steps are taken from. Events where it is null are no steps.
    length
        How many steps, from 1 to 20; sessions that go on are told apart by these alone.
    repeats
        ``"keep"``, or ``"drop"``: the same value several times in a row is one step.
    top
        How many ways, for each key.
    by, where, since, until
        See `Metric`: the session, which counts whole.

    Examples
    --------
    >>> print(CommonPaths(length=3).describe())
    The 10 most common sequences of the first 3 values of 'event_type' in a session.
    """

    of: str = "event_type"
    length: int = 5
    repeats: Literal["keep", "drop"] = "keep"
    top: int = 10

    @property
    def asks(self) -> tuple[Asked, ...]:
        """The columns that its parameters name."""
        return (*super().asks, Asked("of", self.of))

    @property
    def looks_for(self) -> tuple[Looked, ...]:
        """What its parameters look for among the types of events: any at all."""
        return (Looked("of", ()),) if self.of == "event_type" else ()

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        tables = self._tables(tables)
        sessions, taken = self._scope.sessions(tables), self._steps(tables)
        ways = (
            select(
                *self._scope.keys_in(sessions),
                *(self._step_at(taken, number) for number in range(1, self.length + 1)),
            )
            .select_from(sessions.join(taken, taken.c.session_id == sessions.c.session_id))
            .group_by(sessions.c.session_id, *self._scope.keys_in(sessions))
            .cte("ways")
        )
        way = [*self._scope.keys_in(ways), *(ways.c[name] for name in self._names_of_steps)]
        counted = select(*way, func.count().label("sessions")).group_by(*way).cte("counted")
        return self._top(counted)

    def _top(self, counted: CTE) -> Select[Any]:
        groups = self._scope.keys_in(counted)
        steps = [counted.c[name] for name in self._names_of_steps]
        order = [counted.c.sessions.desc(), *nulls_last(steps)]
        whole = func.sum(counted.c.sessions).over(partition_by=groups or None)
        rank = func.row_number().over(partition_by=groups or None, order_by=order)
        ranked = select(
            *counted.c, share(counted.c.sessions, whole).label("share"), rank.label("rank_of_way")
        ).cte("ranked")
        keys = self._scope.keys_in(ranked)
        return (
            select(
                *self._scope.called_in(ranked),
                *(ranked.c[name] for name in self._names_of_steps),
                *(ranked.c.sessions, ranked.c.share),
            )
            .where(ranked.c.rank_of_way <= self.top)
            .order_by(*nulls_last(keys), ranked.c.rank_of_way)
        )

    @property
    def _names_of_steps(self) -> list[str]:
        return [f"step_{number}" for number in range(1, self.length + 1)]

    @staticmethod
    def _step_at(taken: CTE, number: int) -> ColumnElement[Any]:
        return func.max(case((taken.c.position == number, taken.c.step))).label(f"step_{number}")

    def _steps(self, tables: Tables) -> CTE:
        """Return the steps of each session, numbered from its first."""
        events = tables.events
        value = event_column(events, self.of)
        within: dict[str, Any] = {
            "partition_by": events.c.session_id,
            "order_by": [events.c.timestamp, ascending(events.c.event_id)],
        }
        steps = (
            select(
                *(events.c.session_id, events.c.timestamp, events.c.event_id, value.label("step")),
                previous(value).over(**within).label("previous_step"),
            )
            .where(and_(events.c.session_id.is_not(None), value.is_not(None)))
            .cte("steps")
        )
        position = func.row_number().over(
            partition_by=steps.c.session_id,
            order_by=[steps.c.timestamp, ascending(steps.c.event_id)],
        )
        taken = select(steps.c.session_id, steps.c.step, position.label("position"))
        if self.repeats == "drop":
            other = steps.c.previous_step != steps.c.step
            taken = taken.where(or_(steps.c.previous_step.is_(None), other))
        return taken.cte("numbered_steps")

    def _check(self) -> None:
        if not isinstance(self.of, str) or not self.of:
            raise self._refuse("of", "the name of a column of the events")
        for parameter, most in (("length", 20), ("top", 1_000_000)):
            value = getattr(self, parameter)
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
                raise self._refuse(parameter, f"a whole number from 1 to {most}")
        self._choose("repeats", "keep", "drop")

    def _definition(self) -> str:
        steps = f"first {self.length} values" if self.length > 1 else "first value"
        once = ", the same several times in a row once" if self.repeats == "drop" else ""
        which = f"{self.top} most common sequences" if self.top > 1 else "most common sequence"
        return f"The {which} of the {steps} of {self.of!r} in a session{once}."
