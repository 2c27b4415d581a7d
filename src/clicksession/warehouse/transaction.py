"""A job where a database has transactions: a reader sees all of it, or nothing."""

from collections.abc import Iterator

from sqlalchemy import TableClause, select

from clicksession.warehouse.step import Bounds, Step
from clicksession.warehouse.steps import Steps

__all__ = ["InTransaction"]


class InTransaction(Steps):
    """Deletes and inserts."""

    def all_of_them(self) -> Iterator[Step]:
        """Give the steps in order."""
        names = self.names
        yield from self.claim()
        yield from self.new()
        yield from self.near()
        yield from self.cut()
        yield self._delete(names.events, names.cut, "event_id", *self._if_bounded("near"))
        yield self._insert(names.events, names.cut)
        yield from self.summarized()
        yield self._delete(names.sessions, names.stale, "session_id")
        yield self._insert(names.sessions, names.changed)
        yield from self.counts()

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
