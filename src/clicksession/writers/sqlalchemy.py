"""`SQLWriter`: events and their sessions into a database, safe to repeat."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import URL, ColumnElement, Connection, Engine, select

from clicksession.errors import ParameterError, UnsupportedRuleError
from clicksession.keywords import keywords, warn_caller
from clicksession.moments import as_moment, as_window
from clicksession.readers.rows.duplicates.keys import EVENT_ID, RowKey, as_said
from clicksession.rules import Rules, as_rules
from clicksession.schema import SOURCE_SESSION, EventSchema, as_vocabulary
from clicksession.scratch import is_disk_full, scratch_place
from clicksession.sql.dialects import DIALECTS, Ability, spelling
from clicksession.sql.tables import Tables
from clicksession.sql.urls import keeping_engine_of, shown_url
from clicksession.writers import LOADERS
from clicksession.writers.bulk.rows import RowLoader
from clicksession.writers.merging.incoming import Incoming, OneFrame
from clicksession.writers.merging.neighbourhood import split_rows, users_of
from clicksession.writers.merging.picking import events_of, user_ids, within
from clicksession.writers.report import WriteReport
from clicksession.writers.tables.access import Access, OnMisfit
from clicksession.writers.tables.conversions import stop_counting
from clicksession.writers.tables.keeping import absent, stop_keeping
from clicksession.writers.tables.layout import fitted
from clicksession.writers.tables.manifest import FilePart, FileRecord
from clicksession.writers.tables.misfits import find_misfits
from clicksession.writers.tables.ownership import require_own
from clicksession.writers.tables.storable import storable
from clicksession.writers.tables.target import Target
from clicksession.writers.tables.vocabulary import keep_vocabulary
from clicksession.writers.transaction import Transactions, no_room
from clicksession.writers.waiting import OnBusy, as_patience
from clicksession.writers.work import Held, Work

__all__ = ["SQLWriter", "WriteReport"]

_log = logging.getLogger("clicksession")

_OTHER_IDS = (
    "delete_between() and delete_user() delete there. To take a file back, leave it out and reload "
    "its time from the other files: run(others, target, since=…, until=…)."
)

Result = TypeVar("Result")


@keywords()
class SQLWriter:
    """Keeps the tables ``events`` and ``sessions`` of a database.

    However a log is cut into batches, and in whatever order these come, the tables end up as if
    all had come at once: a late event extends, joins or splits off sessions of its user as it
    must. An event that is stored already is not stored again; events are told apart by
    ``event_id``, or, without one, by their content. Each call is one transaction: all of it
    happens or nothing, and no two writers are at work on a target at once.

    Parameters
    ----------
    target
        A SQLAlchemy `Engine`, or a database URL. The connections of an engine that is made here
        from a URL are closed after each call.
    timeout
        The longest pause within a session, as in `clicksession.sessionize`.
    rules
        The full form of `timeout`. They are remembered in the target: a write by others is
        refused.
    tables
        Where the tables are: a prefix and a database schema; and what each session is to keep of
        its events: counts of types, first and last values.
    on_busy
        What to do while somebody else has the target: ``"wait"`` as long as it takes, ``"fail"``
        at once, or how long to wait, such as ``"5min"``. After a second of waiting, the logger
        ``clicksession`` says for whom.
    on_misfit
        What to do with a value of another type than its column has: ``"widen"`` the column, so
        that it holds both (numbers with fractions for whole ones, else text), ``"raise"``, or
        ``"quarantine"``: the row is counted as refused and kept, as JSON, in the table
        ``clicksession_quarantine`` (``run_id``, ``file``, ``column_name``, ``reason``, ``event``).
        Only with ``"widen"`` does it not matter what came first.
        The same holds for ids that are too long for an index (``"widen"`` keeps their first part
        and SHA-256, and the whole in ``user_id_text`` or ``event_id_text``), and for rows that no
        table takes: too wide, with a column too many, or with a time before the year 1 or after
        9999. These have no way in: but for ``"quarantine"``, they are refused.
    log_changes
        Whether to keep the table ``session_changes``: a row for each session id that became
        another (``run_id``, ``old_session_id``, ``new_session_id``; null on the left for a new
        session, on the right for one that is gone), so that tables made from these can follow.

    Raises
    ------
    ParameterError
        A target that is no engine and no usable URL, or a timeout without a unit.
    UnsupportedRuleError
        Rules with a timeout per row: tables keep no durations.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "event_id": [1, 2],
    ...     "user_id": ["ann", "ann"],
    ...     "timestamp": pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:10"], utc=True),
    ... })
    >>> from sqlalchemy import create_engine
    >>> writer = SQLWriter(create_engine("duckdb:///:memory:"))
    >>> writer.write(events).events_added, writer.write(events).duplicates
    (2, 2)
    """

    def __init__(
        self,
        target: Engine | str | URL,
        *,
        timeout: str | timedelta = "30min",
        rules: Rules | None = None,
        tables: Tables | None = None,
        on_busy: OnBusy = "wait",
        on_misfit: OnMisfit = "widen",
        log_changes: bool = False,
    ) -> None:
        if on_misfit not in get_args(OnMisfit):
            must = "'widen', 'quarantine' or 'raise'"
            raise ParameterError("SQLWriter", "on_misfit", must, on_misfit)
        self.rules = as_rules(timeout, rules, who="SQLWriter")
        if self.rules.timeout_column:
            way_out = (
                "Tables keep no durations: keep what sessionize() gives in tables of your own."
            )
            raise UnsupportedRuleError("timeout_column", "SQLWriter", way_out)
        if self.rules.session_column == "session_id":
            # The tables have ids of their own under this name.
            self.rules = replace(self.rules, session_column=SOURCE_SESSION)
        self.tables = Tables.given(tables, who="SQLWriter")
        self._log_changes = log_changes
        self._on_misfit: OnMisfit = on_misfit
        self._owns_engine = not isinstance(target, Engine)
        self._engine = _engine(target)
        name = self._engine.dialect.name
        if name in DIALECTS:
            spelling(name).must(Ability.WRITE)
        self._loader: RowLoader = LOADERS.find(name)() if name in LOADERS else RowLoader()
        self._loader.bounds_memory = self._owns_engine
        self._patience = as_patience(on_busy, who="SQLWriter")
        # Of which columns it was said that no event has them: once is enough.
        self._told: set[str] = set()

    def __repr__(self) -> str:
        target = shown_url(self._engine.url)
        return f"SQLWriter({target!r}, rules={self.rules!r}, tables={self.tables!r})"

    def write(
        self,
        events: pd.DataFrame,
        *,
        schema: EventSchema | None = None,
        files: Sequence[FilePart] = (),
        replacing: tuple[pd.Timestamp, pd.Timestamp] | None = None,
    ) -> WriteReport:
        """Store the events of a frame and bring the sessions up to date.

        Parameters
        ----------
        events
            Canonical columns: ``user_id`` and ``timestamp``, ``event_id`` where the log has one,
            and whatever else; columns that the table lacks are added. A frame that was
            sessionized may be given too, if it was by the same rules. By
            ``Rules(session_column="session_id")`` the sessions are those of the frame; the column
            is kept as ``source_session_id``, as readers call it.
        schema
            What the events were read by, to be remembered: another one is refused later, but for
            its vocabulary, which may change.
        files
            Which rows came from which file, in the order of the frame, to be remembered.
        replacing
            A window of time, from its first moment up to, and without, its last: what is stored
            of it goes before the events come, in the same transaction.

        Returns
        -------
        WriteReport
            What was done.

        Raises
        ------
        ParameterError
            A column is missing, or the frame was sessionized by other rules.
        RulesChangedError
            The target was made by other rules, or by another schema.
        TargetBusyError
            Another writer is at work, and the writer was told to fail then.
        WriteError
            A row is more than a database takes, or the database refused; nothing was written.

        Examples
        --------
        >>> import pandas as pd
        >>> from sqlalchemy import create_engine
        >>> events = pd.DataFrame({
        ...     "user_id": ["ann", "ann", "bob"],
        ...     "timestamp": pd.to_datetime(
        ...         ["2024-05-01 10:00", "2024-05-01 10:40", "2024-05-02 09:00"], utc=True
        ...     ),
        ...     "event_type": ["page_view", "order", "page_view"],
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine)
        >>> done = writer.write(events)
        >>> done.events_added, done.sessions_added
        (3, 3)
        >>> late = events.head(1).assign(timestamp=pd.to_datetime(["2024-05-01 10:20"], utc=True))
        >>> done = writer.write(late)
        >>> done.sessions_changed, done.sessions_removed
        (1, 1)
        """
        _require_pandas(events, "SQLWriter.write", "clicksession.run(events, target) takes it.")
        if not len(events) and not files and replacing is None:
            # Without a row nothing says of what type its columns would be.
            if schema is not None and schema.vocabulary:
                self.keep_vocabulary(schema)
            return WriteReport()
        events = self._with_source_sessions(events)
        self._check_sessions(events)
        return self.write_incoming(OneFrame(events, files), schema=schema, replacing=replacing)

    def write_incoming(
        self,
        incoming: Incoming,
        *,
        schema: EventSchema | None = None,
        replacing: tuple[pd.Timestamp, pd.Timestamp] | None = None,
        key: RowKey = EVENT_ID,
    ) -> WriteReport:
        """Do as `write` for events in several parts, of which one is in memory at a time.

        `key` is what their ids stand for.
        """

        def write(work: Work) -> WriteReport:
            work.manifest.create()
            work.manifest.check(self.rules, schema, key)
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

        return self._transaction(write)

    def _tell_of_absent(self, work: Work) -> None:
        """Say which columns sessions keep that no stored event has: a name may be misspelt."""
        target = work.target() if work.access.tables.kept.edges else None
        if target is not None:
            for name, sentence in absent(target).items():
                if name not in self._told:
                    self._told.add(name)
                    _log.warning("%s", sentence)

    def known_files(self) -> set[FileRecord]:
        """Return the files that the target holds whole, as the store described them then."""
        return self._transaction(lambda work: work.manifest.known_files())

    def held(self, schema: EventSchema | None, key: RowKey, names: Iterable[str]) -> Held:
        """Return what a target holds that reading goes by, having checked it as `check` does.

        What its sessions are to count and keep, they do from then on. All of it is one
        transaction: each opens the database once more.
        """

        def held(work: Work) -> Held:
            target = work.target()
            if target is not None:
                work.manifest.check(self.rules, schema, key)
            if self.tables.kept:
                work.going_on()
            return work.held(target, names)

        return self._transaction(held)

    def check_key(self, key: RowKey) -> None:
        """Refuse a key of duplicates other than the one that made the target.

        Raises
        ------
        RulesChangedError
            It differs.
        """
        self._transaction(lambda work: work.manifest.check_key(key))

    def check(self, schema: EventSchema | None = None, key: RowKey = EVENT_ID) -> None:
        """Refuse rules, a schema or a key of duplicates other than those that made the target.

        Raises
        ------
        RulesChangedError
            They differ; the message says how to rebuild.
        """

        def check(work: Work) -> None:
            if work.target() is not None:
                work.manifest.check(self.rules, schema, key)

        self._transaction(check)

    def tell_of_absent(self) -> None:
        """Say through the logger which columns sessions keep that no stored event has.

        Every write that adds events does so; this does it where nothing was added.
        """
        self._transaction(lambda work: self._tell_of_absent(work.going_on()))

    def count_events(self) -> None:
        """Count and keep in stored sessions what `tables` names and what they do not have yet.

        That is `counted_events`, and the columns of `first` and `last`. Every write does so before
        anything else; this does it where there is nothing to write.

        Raises
        ------
        RulesChangedError
            The target was made by other rules.
        WriteError
            There is a column of such a name that is not the library's.

        Examples
        --------
        >>> import pandas as pd
        >>> from sqlalchemy import create_engine
        >>> events = pd.DataFrame({
        ...     "user_id": ["ann", "ann", "bob"],
        ...     "timestamp": pd.to_datetime(
        ...         ["2024-05-01 10:00", "2024-05-01 10:40", "2024-05-02 09:00"], utc=True
        ...     ),
        ...     "event_type": ["page_view", "order", "page_view"],
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> _ = SQLWriter(engine).write(events)
        >>> SQLWriter(engine, tables=Tables(counted_events=("order",))).count_events()
        >>> pd.read_sql("SELECT user_id, order_count FROM sessions ORDER BY session_id", engine)
          user_id  order_count
        0     ann            0
        1     ann            1
        2     bob            0
        """

        def count(work: Work) -> None:
            work.going_on()

        self._transaction(count)

    def count_conversions(self) -> None:
        """Do as `count_events`, which this was called before."""
        warn_caller("SQLWriter: `count_conversions` is called `count_events` now.", FutureWarning)
        self.count_events()

    def stop_counting(self, *event_types: str | int) -> None:
        """Count these event types no more: the sessions lose their columns.

        Parameters
        ----------
        event_types
            Those to stop with; nothing happens where one is not counted.

        Examples
        --------
        >>> import pandas as pd
        >>> from sqlalchemy import create_engine
        >>> events = pd.DataFrame({
        ...     "user_id": ["ann", "ann", "bob"],
        ...     "timestamp": pd.to_datetime(
        ...         ["2024-05-01 10:00", "2024-05-01 10:40", "2024-05-02 09:00"], utc=True
        ...     ),
        ...     "event_type": ["page_view", "order", "page_view"],
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine, tables=Tables(counted_events=("order",)))
        >>> _ = writer.write(events)
        >>> SQLWriter(engine).stop_counting("order")
        >>> "order_count" in pd.read_sql("SELECT * FROM sessions", engine)
        False
        """

        def stop(work: Work) -> None:
            stop_counting(work.access, event_types)

        self._transaction(stop)

    def keep_vocabulary(self, vocabulary: EventSchema | Mapping[str, Any]) -> None:
        """Keep in the target what its log calls things, in place of what it kept so far.

        Every write by a schema that has a vocabulary does so; this does it where there is nothing
        to write. No event changes: metrics go by other names from then on.

        Parameters
        ----------
        vocabulary
            Roles with the event types that play them, ``{"order": "purchase"}``, or a schema with
            such a vocabulary. An empty one leaves what is there.

        Raises
        ------
        ParameterError
            It is neither.

        Examples
        --------
        >>> import pandas as pd
        >>> from sqlalchemy import create_engine
        >>> events = pd.DataFrame({
        ...     "user_id": ["ann", "ann", "bob"],
        ...     "timestamp": pd.to_datetime(
        ...         ["2024-05-01 10:00", "2024-05-01 10:40", "2024-05-02 09:00"], utc=True
        ...     ),
        ...     "event_type": ["page_view", "order", "page_view"],
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine)
        >>> _ = writer.write(events)
        >>> writer.keep_vocabulary({"order": "order"})
        >>> from clicksession.metrics import ConversionRate
        >>> ConversionRate().in_words_of(engine).describe()
        "The share of sessions that have an 'order' event."
        """
        known = as_vocabulary(vocabulary, who="SQLWriter.keep_vocabulary")
        self._transaction(lambda work: keep_vocabulary(work.access, known))

    def stop_keeping(self, *columns: str) -> None:
        """Keep these first or last values no more: the sessions lose the columns.

        Parameters
        ----------
        columns
            Columns of the sessions, such as ``"landing_page"``; nothing happens where one is not
            kept.

        Examples
        --------
        >>> import pandas as pd
        >>> from sqlalchemy import create_engine
        >>> events = pd.DataFrame({
        ...     "user_id": ["ann", "ann", "bob"],
        ...     "timestamp": pd.to_datetime(
        ...         ["2024-05-01 10:00", "2024-05-01 10:40", "2024-05-02 09:00"], utc=True
        ...     ),
        ...     "event_type": ["page_view", "order", "page_view"],
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine, tables=Tables(first={"first_type": "event_type"}))
        >>> _ = writer.write(events)
        >>> SQLWriter(engine).stop_keeping("first_type")
        >>> "first_type" in pd.read_sql("SELECT * FROM sessions", engine)
        False
        """

        def stop(work: Work) -> None:
            stop_keeping(work.access, columns)

        self._transaction(stop)

    def rebuild(self, schema: EventSchema | None = None) -> WriteReport:
        """Cut all stored events anew by this writer's rules, in place.

        One transaction: who reads the database meanwhile sees the old sessions, then the new
        ones. From then on the target is one of these rules, and of this schema.

        Parameters
        ----------
        schema
            Another schema than the one that the events were read by: the stored fields are mapped
            anew by it, as if the files had been read so. Left out: the same.

        Returns
        -------
        WriteReport
            Which sessions came, changed and went; with another schema, all went and came.

        Raises
        ------
        RulesChangedError
            The new schema asks for a field of the source that the stored events do not tell
            apart, or do not have.
        WriteError
            A stored value that should be the time now is none.

        Examples
        --------
        >>> import pandas as pd
        >>> from sqlalchemy import create_engine
        >>> events = pd.DataFrame({
        ...     "user_id": ["ann", "ann", "bob"],
        ...     "timestamp": pd.to_datetime(
        ...         ["2024-05-01 10:00", "2024-05-01 10:40", "2024-05-02 09:00"], utc=True
        ...     ),
        ...     "event_type": ["page_view", "order", "page_view"],
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> SQLWriter(engine, timeout="30min").write(events).sessions_added
        3
        >>> done = SQLWriter(engine, timeout="1h").rebuild()
        >>> done.sessions_changed, done.sessions_removed
        (1, 1)
        """

        def rebuild(work: Work) -> WriteReport:
            work = work.counting()
            target = work.target()
            if target is None:
                return WriteReport()
            keep_vocabulary(work.access, schema)
            old = work.manifest.schema() or EventSchema()
            if schema is not None and schema != old:
                return work.remap(target, (old, schema))
            work.check_columns(target)
            everyone = users_of(work.access, target, target.events.c.timestamp.is_not(None))
            return work.resettle(target, everyone)

        return self._transaction(rebuild)

    def delete_user(self, user_id: object) -> WriteReport:
        """Delete a user's events and sessions, as a privacy request asks.

        Parameters
        ----------
        user_id
            Whose, as a text or a number: ``7``, ``7.0`` and ``"7"`` are one user. Nothing happens
            where the user is not stored.

        Returns
        -------
        WriteReport
            How many events and sessions went.

        Raises
        ------
        ParameterError
            It is nobody's id, as true, false and nulls are; or a float of more digits than it
            holds, where the users are whole numbers.

        Examples
        --------
        >>> import pandas as pd
        >>> from sqlalchemy import create_engine
        >>> events = pd.DataFrame({
        ...     "user_id": ["ann", "ann", "bob"],
        ...     "timestamp": pd.to_datetime(
        ...         ["2024-05-01 10:00", "2024-05-01 10:40", "2024-05-02 09:00"], utc=True
        ...     ),
        ...     "event_type": ["page_view", "order", "page_view"],
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine)
        >>> _ = writer.write(events)
        >>> done = writer.delete_user("ann")
        >>> done.events_deleted, done.sessions_removed
        (2, 2)
        """
        who = "SQLWriter.delete_user"
        user_ids(user_id, who=who)
        return self._delete(lambda target: events_of(target, user_id, who=who))

    def delete_events(self, events: pd.DataFrame, *, file: str | None = None) -> WriteReport:
        """Delete the stored events that a frame holds; sessions are cut anew.

        To take a file back, read it and give its name: the target forgets the file, and the next
        run reads those files again that may hold some of the same events.

        Parameters
        ----------
        events
            As for `write`: the events are told by ``event_id``, or, without one, by their content.
        file
            The address of the file that they came from, as it was given to `clicksession.run`.

        Returns
        -------
        WriteReport
            How many events went, and what became of the sessions.

        Raises
        ------
        ParameterError
            No pandas frame of events, or a target that was made by another `drop_duplicates`: what
            events are told apart by there, a frame does not say.

        Examples
        --------
        >>> import pandas as pd
        >>> from sqlalchemy import create_engine
        >>> events = pd.DataFrame({
        ...     "user_id": ["ann", "ann", "bob"],
        ...     "timestamp": pd.to_datetime(
        ...         ["2024-05-01 10:00", "2024-05-01 10:40", "2024-05-02 09:00"], utc=True
        ...     ),
        ...     "event_type": ["page_view", "order", "page_view"],
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine)
        >>> _ = writer.write(events)
        >>> done = writer.delete_events(events.tail(1))
        >>> done.events_deleted, done.sessions_removed
        (1, 1)
        """
        who = "SQLWriter.delete_events"
        _require_pandas(events, who, "Give it events.to_pandas().")
        try:
            rows = storable(self._with_source_sessions(events)).rows.select(["event_id"])
        except ParameterError as error:
            raise error.said_by(who) from None

        def delete(work: Work) -> WriteReport:
            work = work.going_on()
            target = work.target()
            if target is None:
                return WriteReport()
            if (key := work.manifest.key()) != EVENT_ID:
                must = "of a target whose ids are the log's own"
                got = f"one whose ids were made by drop_duplicates={as_said(key)}"
                raise ParameterError(who, "events", must, got, _OTHER_IDS)
            # An id that the column cannot keep is not stored.
            misfits = find_misfits(rows, target).rows
            kept = rows.take(pa.array(np.delete(np.arange(rows.num_rows), misfits)))
            ids, column = fitted(kept, target), target.events.c.event_id
            with self._loader.staged(
                work.access.connection, "unwanted", ids, event_id=column.type
            ) as unwanted:
                report = work.delete(target, column.in_(select(unwanted.c.event_id)))
            if file is not None:
                work.manifest.forget_file(file)
            return report

        return self._transaction(delete)

    def delete_between(self, since: str | datetime, until: str | datetime) -> WriteReport:
        """Delete the events from one time up to, and without, another; sessions are cut anew.

        Parameters
        ----------
        since, until
            The window; naive times are read as UTC.

        Returns
        -------
        WriteReport
            How many events went, and what became of the sessions.

        Raises
        ------
        ParameterError
            One of them is no time, or the second is not later than the first.

        Examples
        --------
        >>> import pandas as pd
        >>> from sqlalchemy import create_engine
        >>> events = pd.DataFrame({
        ...     "user_id": ["ann", "ann", "bob"],
        ...     "timestamp": pd.to_datetime(
        ...         ["2024-05-01 10:00", "2024-05-01 10:40", "2024-05-02 09:00"], utc=True
        ...     ),
        ...     "event_type": ["page_view", "order", "page_view"],
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine)
        >>> _ = writer.write(events)
        >>> writer.delete_between("2024-05-01", "2024-05-02").events_deleted
        2
        """
        who = "SQLWriter.delete_between"
        for parameter, moment in (("since", since), ("until", until)):
            as_moment(moment, who=who, parameter=parameter)
        window = as_window(since, until, who=who)
        return self._delete(lambda target: within(target, *window))

    def without_room(self, error: OSError) -> Exception:
        """Return the error of temporary files that found their disk full; any other as it is."""
        return no_room(self.tables, scratch_place(), str(error)) if is_disk_full(error) else error

    def _delete(self, where: Callable[[Target], ColumnElement[bool]]) -> WriteReport:
        def delete(work: Work) -> WriteReport:
            work = work.going_on()
            target = work.target()
            return WriteReport() if target is None else work.delete(target, where(target))

        return self._transaction(delete)

    def _with_source_sessions(self, events: pd.DataFrame) -> pd.DataFrame:
        """Return events whose own ids of sessions have the name that the tables keep them by."""
        is_given = self.rules.session_column == SOURCE_SESSION and SOURCE_SESSION not in events
        if not is_given or "session_id" not in events:
            return events
        derived = [name for name in ("session_index", "start_reason") if name in events]
        return events.drop(columns=derived).rename(columns={"session_id": SOURCE_SESSION})

    def _check_sessions(self, events: pd.DataFrame) -> None:
        """Refuse a frame whose sessions are not those that this writer would cut."""
        if "session_id" not in events or not len(events):
            return
        # Whoever cut them saw the ids as they were given.
        batch = storable(events, fits=False)
        split = split_rows(batch.rows, self.rules)
        ours = split.ids.take(split.per_row())
        theirs = pa.array(events["session_id"].iloc[batch.kept].astype("str"), pa.large_string())
        if not pc.all(pc.equal(pc.fill_null(ours, ""), pc.fill_null(theirs, ""))).as_py():
            raise ParameterError(
                "SQLWriter.write",
                "events",
                f"without sessions, or with those that the writer would cut ({self.rules})",
                "others: by other rules, by times finer than a microsecond, or with ties in time "
                "that no event_id breaks",
                "Give SQLWriter the same rules, or drop the column session_id.",
            )

    def _transaction(self, work: Callable[[Work], Result]) -> Result:
        def within(connection: Connection) -> Result:
            require_own(connection, self.tables)
            access = Access(
                connection,
                self._loader,
                self.tables,
                self.rules,
                self._log_changes,
                self._on_misfit,
            )
            return work(Work(access))

        try:
            return Transactions(self._engine, self._loader, self.tables, self._patience).run(within)
        except OSError as error:
            raise self.without_room(error) from None
        finally:
            if self._owns_engine:
                self._engine.dispose()


def _require_pandas(events: object, who: str, way_out: str) -> None:
    """Refuse what is no frame of pandas; where it is another frame, with the way out."""
    if not isinstance(events, pd.DataFrame):
        kind = type(events)
        hint = way_out if hasattr(events, "__arrow_c_stream__") else ""
        got = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        raise ParameterError(who, "events", "a pandas.DataFrame", got, hint)


def _engine(target: object) -> Engine:
    must = "a SQLAlchemy Engine or a database URL, such as 'duckdb:///shop.duckdb'"
    if isinstance(target, Engine):
        return target
    if not isinstance(target, str | URL):
        raise ParameterError("SQLWriter", "target", must, type(target).__name__)
    return keeping_engine_of(target, who="SQLWriter", parameter="target", must=must)
