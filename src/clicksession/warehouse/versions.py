"""A job where there are no transactions: later versions of rows, of which readers see the last."""

from collections.abc import Iterator

from sqlalchemy import select

from clicksession.warehouse.step import Step
from clicksession.warehouse.steps import Steps

__all__ = ["ByVersions"]


class ByVersions(Steps):
    """Inserts: rows of a later mark stand for those of the same key, and some say: there is none.

    A job that ends between the two tables has stored its events; the next one has the sessions
    follow.
    """

    locks = True

    def all_of_them(self) -> Iterator[Step]:
        """Give the steps in order."""
        names, job = self.names, self.job
        yield from self.claim()
        yield from self.new()
        yield from self.near()
        yield from self.cut()
        sql = job.insert(names.event_versions, job.query(select(*names.cut.c)))
        does = "Insert the events as they are now."
        yield Step(f"insert {names.events.name}", does, lambda _: sql)
        yield from self.summarized()
        replaced = job.insert(names.session_versions, job.query(self.replaced()))
        does = "Insert the sessions as they are now, and which are none any more."
        yield Step(f"insert {names.sessions.name}", does, lambda _: replaced)
        yield from self.counts()
        yield from self.release()
