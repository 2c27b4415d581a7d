"""How a job replaces rows in a database that has transactions, merges, or neither."""

from collections.abc import Iterator, Mapping

from sqlalchemy import TableClause, select

from clicksession.warehouse.names import IS_GONE
from clicksession.warehouse.step import Bounds, Step
from clicksession.warehouse.steps import Steps

__all__ = ["WAYS"]


class _InTransaction(Steps):
    """Deletes and inserts in a transaction: a reader sees all of a job, or nothing."""

    def store_events(self) -> Iterator[Step]:
        """Give the steps that write the events."""
        names = self.names
        yield self._delete(names.events, names.cut, "event_id", *self._if_bounded("near"))
        yield self._insert(names.events, names.cut)

    def store_sessions(self) -> Iterator[Step]:
        """Give the steps that write the sessions."""
        names = self.names
        yield self._delete(names.sessions, names.stale, "session_id")
        yield self._insert(names.sessions, names.changed)

    def _delete(self, table: TableClause, found: TableClause, key: str, *takes: str) -> Step:
        job = self.job

        def made(bounds: Bounds) -> str:
            where = job.condition(*(part for name in takes for part in job.on_days(bounds, name)))
            return job.spelled.delete_found(
                job.name(table), job.name(found), job.column(key), where
            )

        does = f"Delete those {table.name} that are written anew."
        return Step(f"delete {table.name}", does, made, takes=takes)

    def _insert(self, table: TableClause, found: TableClause) -> Step:
        sql = self.job.insert(table, self.job.query(select(*found.c)))
        return Step(
            f"insert {table.name}", f"Insert the {table.name} as they are now.", lambda _: sql
        )


class _ByMerge(Steps):
    """Merges, each a transaction: a reader sees each table before its statement, or after it.

    A job that ends between the two has stored its events; the next one has the sessions follow.
    """

    locks = True

    def store_events(self) -> Iterator[Step]:
        """Give the step that writes the events."""
        names, job = self.names, self.job
        aliased = names.events_called("stored")

        def made(bounds: Bounds) -> str:
            where = job.condition(*job.on_days(bounds, "near", aliased))
            on = f"{self._same('event_id')} AND {where}" if where else self._same("event_id")
            clauses = [self._update(names.derived), self._insert(names.events)]
            return self._merge(names.events, job.name(names.cut), on, clauses)

        does = "Store what is new, and the sessions that the others are in now."
        yield Step(f"merge {names.events.name}", does, made, takes=self._if_bounded("near"))

    def store_sessions(self) -> Iterator[Step]:
        """Give the step that writes the sessions."""
        names, job = self.names, self.job
        gone = f"found.{job.column(IS_GONE)}"
        clauses = [
            f"WHEN MATCHED AND {gone} = 1 THEN DELETE",
            self._update(names.session_columns[1:]),
            self._insert(names.sessions, f" AND {gone} = 0"),
        ]
        found = job.query(self.replaced())
        indented = "\n".join(f"    {line}" for line in found.split("\n"))
        sql = self._merge(names.sessions, f"(\n{indented}\n)", self._same("session_id"), clauses)
        does = "Write the sessions as they are now, and delete those that are none any more."
        yield Step(f"merge {names.sessions.name}", does, lambda _: sql)

    def _merge(self, table: TableClause, found: str, on: str, clauses: list[str]) -> str:
        head = f"MERGE INTO {self.job.name(table)} AS stored\nUSING {found} AS found\nON {on}"
        return "\n".join([head, *clauses])

    def _same(self, key: str) -> str:
        return f"stored.{self.job.column(key)} = found.{self.job.column(key)}"

    def _update(self, columns: list[str]) -> str:
        named = map(self.job.column, columns)
        return "WHEN MATCHED THEN UPDATE SET\n    " + ",\n    ".join(
            f"{name} = found.{name}" for name in named
        )

    def _insert(self, table: TableClause, further: str = "") -> str:
        values = ", ".join(f"found.{self.job.column(name)}" for name in table.c.keys())  # noqa: SIM118
        head = f"WHEN NOT MATCHED{further} THEN INSERT"
        return f"{head}\n    ({self.job.listed(table)})\n    VALUES ({values})"


class _ByVersions(Steps):
    """Inserts: rows of a later mark stand for those of the same key, and some say: there is none.

    A job that ends between the two tables has stored its events; the next one has the sessions
    follow.
    """

    locks = True

    def store_events(self) -> Iterator[Step]:
        """Give the step that writes the events."""
        names, job = self.names, self.job
        sql = job.insert(names.event_versions, job.query(select(*names.cut.c)))
        does = "Insert the events as they are now."
        yield Step(f"insert {names.events.name}", does, lambda _: sql)

    def store_sessions(self) -> Iterator[Step]:
        """Give the step that writes the sessions."""
        names, job = self.names, self.job
        sql = job.insert(names.session_versions, job.query(self.replaced()))
        does = "Insert the sessions as they are now, and which are none any more."
        yield Step(f"insert {names.sessions.name}", does, lambda _: sql)


#: By what a dialect says that it replaces rows by.
WAYS: Mapping[str, type[Steps]] = {
    "transaction": _InTransaction,
    "merge": _ByMerge,
    "versions": _ByVersions,
}
