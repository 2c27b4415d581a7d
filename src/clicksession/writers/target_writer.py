"""What is done to one target: each call is a transaction."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

import pandas as pd
import pyarrow as pa
from sqlalchemy import URL, ColumnElement, Connection, Engine

from clicksession.errors import ParameterError
from clicksession.readers.rows.duplicates.keys import EVENT_ID, RowKey
from clicksession.schema import EventSchema, Vocabulary
from clicksession.scratch import is_disk_full, scratch_place
from clicksession.sql.dialects import DIALECTS, Ability, spelling
from clicksession.sql.urls import keeping_engine_of, shown_url
from clicksession.writers.bulk.rows import loader_of
from clicksession.writers.merging.incoming import Incoming
from clicksession.writers.merging.picking import within
from clicksession.writers.options import Options
from clicksession.writers.report import WriteReport
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.keeping import absent
from clicksession.writers.tables.ownership import require_own
from clicksession.writers.tables.target import Target
from clicksession.writers.tables.vocabulary import keep_vocabulary
from clicksession.writers.transaction import Transactions, no_room
from clicksession.writers.work import Held, Work

__all__ = ["TargetWriter"]

_log = logging.getLogger("clicksession")

Result = TypeVar("Result")


class TargetWriter:
    """Writes to one target what is asked; all of a call happens, or nothing."""

    def __init__(self, target: Engine | str | URL, asked: Options) -> None:
        self._asked = asked
        self._owns_engine = not isinstance(target, Engine)
        self._engine = _engine(target)
        name = self._engine.dialect.name
        if name in DIALECTS:
            spelling(name).must(Ability.WRITE)
        self.loader = loader_of(name)
        self.loader.bounds_memory = self._owns_engine
        # Of which columns it was said that no event has them: once is enough.
        self._told: set[str] = set()

    @property
    def url(self) -> str:
        """The address of the target, without any secret."""
        return shown_url(self._engine.url)

    def write(
        self,
        incoming: Incoming,
        *,
        schema: EventSchema | None = None,
        replacing: tuple[pd.Timestamp, pd.Timestamp] | None = None,
        key: RowKey = EVENT_ID,
    ) -> WriteReport:
        """Store events that come in several parts, of which one is in memory at a time.

        Parameters
        ----------
        schema, replacing
            As in `clicksession.SQLWriter.write`.
        key
            What the ids of the events stand for.
        """

        def write(work: Work) -> WriteReport:
            work.manifest.create()
            work.manifest.check(self._asked.rules, schema, key)
            keep_vocabulary(work.access, schema)
            work = work.counting()
            work.prepare(incoming)
            report, target = WriteReport(), work.target()
            if replacing is not None and target is not None:
                report += work.delete(target, within(target, *replacing))
            report += work.write(incoming, schema, key)
            if report.events_added:
                self._tell_of_absent(work)
            return report

        return self.transaction(write)

    def held(self, schema: EventSchema | None, key: RowKey, names: Iterable[str]) -> Held:
        """Return what a target holds that reading goes by, having checked what made it.

        What its sessions are to count and keep, they do from then on. All of it is one
        transaction: each opens the database once more.

        Raises
        ------
        RulesChangedError
            Other rules, another schema or key made it; the message says how to rebuild.
        """

        def held(work: Work) -> Held:
            target = work.target()
            if target is not None:
                work.manifest.check(self._asked.rules, schema, key)
            if self._asked.tables.kept:
                work.going_on()
            return work.held(target, names)

        return self.transaction(held)

    def check_key(self, key: RowKey) -> None:
        """Refuse a key of duplicates other than the one that made the target.

        Raises
        ------
        RulesChangedError
            It differs.
        """
        self.transaction(lambda work: work.manifest.check_key(key))

    def tell_of_absent(self) -> None:
        """Say through the logger which columns sessions keep that no stored event has.

        Every write that adds events does so; this does it where nothing was added.
        """
        self.transaction(lambda work: self._tell_of_absent(work.going_on()))

    def _tell_of_absent(self, work: Work) -> None:
        """Say which columns sessions keep that no stored event has: a name may be misspelt."""
        target = work.target() if work.access.tables.kept.edges else None
        if target is not None:
            for name, sentence in absent(target).items():
                if name not in self._told:
                    self._told.add(name)
                    _log.warning("%s", sentence)

    def count_events(self) -> None:
        """Count and keep in stored sessions what they are to and do not have yet."""
        self.transaction(Work.going_on)

    def keep_vocabulary(self, vocabulary: EventSchema | Vocabulary) -> None:
        """Keep in the target what its log calls things."""
        self.transaction(lambda work: keep_vocabulary(work.access, vocabulary))

    def rebuild(self, schema: EventSchema | None) -> WriteReport:
        """Cut all stored events anew, and map their fields by another schema if there is one."""
        return self.transaction(lambda work: work.counting().rebuild(schema))

    def delete(self, where: Callable[[Target], ColumnElement[bool]]) -> WriteReport:
        """Delete the events that a condition picks; sessions are cut anew."""

        def delete(work: Work) -> WriteReport:
            work = work.going_on()
            target = work.target()
            return WriteReport() if target is None else work.delete(target, where(target))

        return self.transaction(delete)

    def delete_rows(self, rows: pa.Table, *, file: str | None) -> WriteReport:
        """Delete the events that have the ids of some rows, and forget the file they came from."""
        return self.transaction(lambda work: work.going_on().delete_rows(rows, file=file))

    def without_room(self, error: OSError) -> Exception:
        """Return the error of temporary files that found their disk full; any other as it is."""
        if not is_disk_full(error):
            return error
        return no_room(self._asked.tables, scratch_place(), str(error))

    def transaction(self, work: Callable[[Work], Result]) -> Result:
        """Do some work, all of it or nothing, while nobody else is at work on the target."""
        asked = self._asked

        def within(connection: Connection) -> Result:
            require_own(connection, asked.tables)
            return work(Work(Access(connection, self.loader, asked)))

        turns = Transactions(self._engine, self.loader, asked.tables, asked.patience)
        try:
            return turns.run(within)
        except OSError as error:
            raise self.without_room(error) from None
        finally:
            if self._owns_engine:
                self._engine.dispose()


def _engine(target: object) -> Engine:
    must = "a SQLAlchemy Engine or a database URL, such as 'duckdb:///shop.duckdb'"
    if isinstance(target, Engine):
        return target
    if not isinstance(target, str | URL):
        raise ParameterError("SQLWriter", "target", must, type(target).__name__)
    return keeping_engine_of(target, who="SQLWriter", parameter="target", must=must)
