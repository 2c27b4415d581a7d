"""`SQLWriter`: events and their sessions into a database, safe to repeat."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import URL, Engine

from clicksession.errors import ParameterError
from clicksession.keywords import keywords, warn_caller
from clicksession.moments import as_moment, as_window
from clicksession.rules import Rules
from clicksession.schema import EventSchema, as_vocabulary
from clicksession.sql.tables import Tables
from clicksession.writers.given import check_sessions, require_pandas, with_source_sessions
from clicksession.writers.merging.incoming import OneFrame
from clicksession.writers.merging.picking import events_of, user_ids, within
from clicksession.writers.options import OnBusy, OnMisfit, checked
from clicksession.writers.report import WriteReport
from clicksession.writers.tables.conversions import stop_counting
from clicksession.writers.tables.keeping import stop_keeping
from clicksession.writers.tables.manifest import FilePart
from clicksession.writers.tables.storable import storable
from clicksession.writers.target_writer import TargetWriter

__all__ = ["SQLWriter", "WriteReport"]


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
        asked = checked(
            timeout=timeout,
            rules=rules,
            tables=tables,
            on_busy=on_busy,
            on_misfit=on_misfit,
            log_changes=log_changes,
        )
        self.rules, self.tables = asked.rules, asked.tables
        self._target = TargetWriter(target, asked)

    def __repr__(self) -> str:
        return f"SQLWriter({self._target.url!r}, rules={self.rules!r}, tables={self.tables!r})"

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
        require_pandas(events, "SQLWriter.write", "clicksession.run(events, target) takes it.")
        if not len(events) and not files and replacing is None:
            # Without a row nothing says of what type its columns would be.
            if schema is not None and schema.vocabulary:
                self.keep_vocabulary(schema)
            return WriteReport()
        events = with_source_sessions(events, self.rules)
        check_sessions(events, self.rules)
        return self._target.write(OneFrame(events, files), schema=schema, replacing=replacing)

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
        ...     "timestamp": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-02"], utc=True),
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
        self._target.count_events()

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
        ...     "timestamp": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-02"], utc=True),
        ...     "event_type": ["page_view", "order", "page_view"],
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine, tables=Tables(counted_events=("order",)))
        >>> _ = writer.write(events)
        >>> SQLWriter(engine).stop_counting("order")
        >>> "order_count" in pd.read_sql("SELECT * FROM sessions", engine)
        False
        """
        self._target.transaction(lambda work: stop_counting(work.access, event_types))

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
        ...     "timestamp": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-02"], utc=True),
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
        self._target.keep_vocabulary(known)

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
        ...     "timestamp": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-02"], utc=True),
        ...     "event_type": ["page_view", "order", "page_view"],
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine, tables=Tables(first={"first_type": "event_type"}))
        >>> _ = writer.write(events)
        >>> SQLWriter(engine).stop_keeping("first_type")
        >>> "first_type" in pd.read_sql("SELECT * FROM sessions", engine)
        False
        """
        self._target.transaction(lambda work: stop_keeping(work.access, columns))

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
        >>> times = ["2024-05-01 10:00", "2024-05-01 10:40", "2024-05-02 09:00"]
        >>> events = pd.DataFrame({
        ...     "user_id": ["ann", "ann", "bob"],
        ...     "timestamp": pd.to_datetime(times, utc=True),
        ... })
        >>> engine = create_engine("duckdb:///:memory:")
        >>> SQLWriter(engine, timeout="30min").write(events).sessions_added
        3
        >>> done = SQLWriter(engine, timeout="1h").rebuild()
        >>> done.sessions_changed, done.sessions_removed
        (1, 1)
        """
        return self._target.rebuild(schema)

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
        >>> times = pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-02"], utc=True)
        >>> events = pd.DataFrame({"user_id": ["ann", "ann", "bob"], "timestamp": times})
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine)
        >>> _ = writer.write(events)
        >>> done = writer.delete_user("ann")
        >>> done.events_deleted, done.sessions_removed
        (2, 2)
        """
        who = "SQLWriter.delete_user"
        user_ids(user_id, who=who)
        return self._target.delete(lambda target: events_of(target, user_id, who=who))

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
        >>> times = pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-02"], utc=True)
        >>> events = pd.DataFrame({"user_id": ["ann", "ann", "bob"], "timestamp": times})
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine)
        >>> _ = writer.write(events)
        >>> done = writer.delete_events(events.tail(1))
        >>> done.events_deleted, done.sessions_removed
        (1, 1)
        """
        who = "SQLWriter.delete_events"
        require_pandas(events, who, "Give it events.to_pandas().")
        try:
            rows = storable(with_source_sessions(events, self.rules)).rows.select(["event_id"])
        except ParameterError as error:
            raise error.said_by(who) from None
        return self._target.delete_rows(rows, file=file)

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
        >>> times = pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-02"], utc=True)
        >>> events = pd.DataFrame({"user_id": ["ann", "ann", "bob"], "timestamp": times})
        >>> engine = create_engine("duckdb:///:memory:")
        >>> writer = SQLWriter(engine)
        >>> _ = writer.write(events)
        >>> writer.delete_between("2024-05-01", "2024-05-02").events_deleted
        1
        """
        who = "SQLWriter.delete_between"
        for parameter, moment in (("since", since), ("until", until)):
            as_moment(moment, who=who, parameter=parameter)
        window = as_window(since, until, who=who)
        return self._target.delete(lambda target: within(target, *window))
