"""The steps of a job, as far as they are the same in every database."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, TableClause, case, func, select

from clicksession.sql.constructs import epoch_microseconds, this_moment
from clicksession.sql.tables import Instant
from clicksession.warehouse.days import days_of
from clicksession.warehouse.job import Job
from clicksession.warehouse.names import CHANGED_IN, IS_GONE, RUN, Names
from clicksession.warehouse.selects import cut, fresh, near, number, pause_of, pool, touched
from clicksession.warehouse.step import Bounds, Kind, Step
from clicksession.warehouse.summary import changed, stale

__all__ = ["Steps"]


@dataclass(frozen=True)
class Steps(ABC):
    """Makes the steps of a job; how a database replaces rows is for those derived from it."""

    job: Job

    #: Whether a job is alone as long as a table is there that it makes and drops.
    locks: ClassVar[bool] = False

    @property
    def names(self) -> Names:
        """The tables."""
        return self.job.names

    def all_of_them(self) -> Iterator[Step]:
        """Give the steps in order."""
        yield from self.claim()
        yield from self.new()
        yield from self.near()
        yield from self.cut()
        yield from self.store_events()
        yield from self.summarized()
        yield from self.store_sessions()
        yield from self.counts()
        yield from self.release()

    @abstractmethod
    def store_events(self) -> Iterator[Step]:
        """Give the steps that write the events that were cut."""

    @abstractmethod
    def store_sessions(self) -> Iterator[Step]:
        """Give the steps that write the sessions that changed, and take away those they replace."""

    def ask(self, kind: Kind, name: str, does: str, statement: Select[Any]) -> Step:
        """Return a question: of values or days that later steps take, or of a count."""
        return Step(name, does, _always(self.job.query(statement)), kind)

    def keep(
        self, table: TableClause, does: str, statement: Callable[[Bounds], Select[Any]], *takes: str
    ) -> Iterator[Step]:
        """Give the steps that keep what a query finds for the time of the job."""
        name, spelled = self.job.name(table), self.job.spelled
        *before, _ = spelled.stage(name, "")
        for sql in before:
            yield Step(f"clear {table.name}", "Make room for what comes next.", _always(sql))

        def made(bounds: Bounds) -> str:
            return spelled.stage(name, self.job.query(statement(bounds)))[-1]

        yield Step(f"make {table.name}", does, made, takes=takes)
        for sql in spelled.described(name):
            yield Step(f"describe {table.name}", "Have the database look at them.", _always(sql))

    def claim(self) -> Iterator[Step]:
        """Give the steps that keep another job away, and choose the mark of this one."""
        yield from self._lock() if self.locks else self._count_on()

    def _count_on(self) -> Iterator[Step]:
        job, mark = self.job.name(self.names.job), self.job.column("mark")
        yield Step(
            "claim",
            "Count on, which another job at the same time has to wait for, or is refused.",
            _always(f"UPDATE {job}\nSET {mark} = {mark} + 1"),
        )
        for name, least, does in (
            ("clock", _clock(), "Take the clock, unless it went back."),
            ("later", self._next().scalar_subquery(), "Be later than all that sessions know."),
        ):
            value = self.job.condition(least)
            sql = f"UPDATE {job}\nSET {mark} = {value}\nWHERE {mark} < {value}"
            yield Step(name, does, _always(sql))

    def _lock(self) -> Iterator[Step]:
        known = select(_clock().label("clock"), self._next().scalar_subquery().label("next"))
        marks = known.cte("marks")
        later = case((marks.c.next > marks.c.clock, marks.c.next), else_=marks.c.clock)
        query = self.job.query(select(later.label("mark")))
        yield Step(
            "claim",
            "Choose a mark, in a table that is there as long as the job: another one is refused.",
            _always(self.job.spelled.make(self.job.name(self.names.lock), query)),
        )

    def release(self) -> Iterator[Step]:
        """Give the step that lets another job begin."""
        if self.locks:
            sql = f"DROP TABLE {self.job.name(self.names.lock)}"
            yield Step("release", "Let another job begin.", _always(sql))

    def _next(self) -> Select[Any]:
        """Return the mark behind all that the sessions know."""
        return select(func.max(self.names.sessions.c[CHANGED_IN]) + number(1))

    @property
    def mark(self) -> ColumnElement[int]:
        """The mark of the job at hand."""
        held = self.names.lock if self.locks else self.names.job
        return select(held.c.mark).scalar_subquery()

    def new(self) -> Iterator[Step]:
        """Give the steps that find what is new."""
        takes: tuple[str, ...] = ()
        if self.job.loaded_at:
            takes = ("loaded",)
            does = "Ask when the last of the stored events was loaded."
            yield self.ask("value", "loaded", does, self.job.last_loaded())
        if self.job.same_time:
            yield self._ask_arriving(takes)
            takes += ("arriving",)
        yield from self.keep(
            self.names.fresh,
            "Keep the rows whose id is not stored yet, one of each id.",
            lambda bounds: fresh(
                self.names,
                self.job.arriving(bounds),
                self.names.events,
                self.job.loaded_at,
                self.job.on_days_or_never(bounds, "arriving"),
            ),
            *takes,
        )

    def _ask_arriving(self, takes: tuple[str, ...]) -> Step:
        def made(bounds: Bounds) -> str:
            rows = self.job.arriving(bounds)
            at = epoch_microseconds(rows.c.timestamp)
            return self.job.query(days_of(rows, at, at))

        does = "Ask on which days that lies which may be new: only there an id can be stored."
        return Step("arriving", does, made, "days", takes)

    def near(self) -> Iterator[Step]:
        """Give the steps that find which stored events that can change, and on which days."""
        names, new, runs = self.names, self.names.fresh, self.names.touched
        if names.is_bounded:
            at, pause = epoch_microseconds(new.c.timestamp), pause_of(names.rules)
            does = "Ask on which days a stored event can be within a pause of a new one."
            yield self.ask("days", "around", does, days_of(new, at - pause, at + pause))
        does = "Keep the stretches between two pauses that a new event is in, or joins."
        if not names.is_bounded:
            does = "Keep the users of the new events: by these rules all of theirs can change."
        yield from self.keep(
            runs,
            does,
            lambda bounds: touched(names, new, names.events, *self.job.on_days(bounds, "around")),
            *self._if_bounded("around"),
        )
        if names.is_bounded:
            does = "Ask on which days these stretches lie, from their beginning to their end."
            yield self.ask("days", "near", does, days_of(runs, *(runs.c[n] for n in RUN)))

    def cut(self) -> Iterator[Step]:
        """Give the steps that cut what is new and what is near it."""
        yield from self.keep(
            self.names.cut,
            "Cut the new events and those near them.",
            self._cut,
            *self._if_bounded("near"),
        )

    def _cut(self, bounds: Bounds) -> Select[Any]:
        names = self.names
        stored = near(names, names.touched, names.events, *self.job.on_days(bounds, "near"))
        return cut(names, pool(names, names.fresh, stored), self.mark)

    def summarized(self) -> Iterator[Step]:
        """Give the steps that find which sessions changed, and what they replace."""
        events, sessions = self.names.events, self.names.sessions
        does = "Ask up to which mark the sessions follow the events."
        yield self.ask("value", "mark", does, self._followed())
        yield from self.keep(
            self.names.changed,
            "Take the events that were written since together, by session.",
            lambda bounds: changed(self.names, events, self._since(bounds)),
            "mark",
        )
        yield from self.keep(
            self.names.stale,
            "Find the stored sessions whose first event was written since.",
            lambda bounds: stale(events, sessions, self._since(bounds)),
            "mark",
        )

    def replaced(self) -> Select[Any]:
        """Return the sessions to write, and of those that are none any more the id and a mark."""
        new, old = self.names.changed, self.names.stale
        gone = new.c.session_id.is_(None)
        made: dict[str, ColumnElement[Any]] = {
            "session_id": func.coalesce(new.c.session_id, old.c.session_id),
            CHANGED_IN: case((gone, self.mark), else_=new.c[CHANGED_IN]),
        }
        columns = [made.get(each.key, each).label(each.key) for each in new.c]
        is_gone = case((gone, 1), else_=0).label(IS_GONE)
        both = new.outerjoin(old, new.c.session_id == old.c.session_id, full=True)
        return select(*columns, is_gone).select_from(both)

    def counts(self) -> Iterator[Step]:
        """Give the questions of which a run reports the answers."""
        names = self.names
        for name, does, table in (
            ("new", "Say how many events are new.", names.fresh),
            ("cut", "Say how many events were cut anew.", names.cut),
            ("removed", "Say how many sessions were replaced.", names.stale),
            ("changed", "Say how many sessions were written.", names.changed),
        ):
            asked = select(func.count().label("rows")).select_from(table)
            yield self.ask("count", name, does, asked)

    def _followed(self) -> Select[Any]:
        latest = func.max(self.names.sessions.c[CHANGED_IN])
        return select(func.coalesce(latest, number(0)).label("mark"))

    def _since(self, bounds: Bounds) -> ColumnElement[bool]:
        marks = self.names.events.c[CHANGED_IN]
        if "mark" in bounds.values:
            return marks > number(int(bounds.values["mark"]))
        return marks > self._followed().scalar_subquery()

    def _if_bounded(self, *questions: str) -> tuple[str, ...]:
        return questions if self.names.is_bounded else ()


def _clock() -> ColumnElement[int]:
    return epoch_microseconds(this_moment(Instant()))


def _always(sql: str) -> Callable[[Bounds], str]:
    return lambda _: sql
