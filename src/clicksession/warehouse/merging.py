"""A job where each statement is a transaction: one MERGE for each table."""

from collections.abc import Iterator

from sqlalchemy import TableClause

from clicksession.warehouse.names import IS_GONE
from clicksession.warehouse.step import Bounds, Step
from clicksession.warehouse.steps import Steps

__all__ = ["ByMerge"]


class ByMerge(Steps):
    """Merges: a reader sees each table before its statement, or after it.

    A job that ends between the two has stored its events; the next one has the sessions follow.
    """

    locks = True

    def all_of_them(self) -> Iterator[Step]:
        """Give the steps in order."""
        yield from self.claim()
        yield from self.new()
        yield from self.near()
        yield from self.cut()
        yield self._merge_events()
        yield from self.summarized()
        yield self._merge_sessions()
        yield from self.counts()
        yield from self.release()

    def _merge_events(self) -> Step:
        names, job = self.names, self.job
        aliased = names.events_called("stored")

        def made(bounds: Bounds) -> str:
            where = job.condition(*job.on_days(bounds, "near", aliased))
            on = f"{self._same('event_id')} AND {where}" if where else self._same("event_id")
            clauses = [self._update(names.derived), self._insert(names.events)]
            return self._merge(names.events, job.name(names.cut), on, clauses)

        does = "Store what is new, and the sessions that the others are in now."
        return Step(f"merge {names.events.name}", does, made, takes=self._if_bounded("near"))

    def _merge_sessions(self) -> Step:
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
        return Step(f"merge {names.sessions.name}", does, lambda _: sql)

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
