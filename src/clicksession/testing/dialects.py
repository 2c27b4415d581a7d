"""What holds of the SQL for every database, whether it runs here or not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pytest
from sqlalchemy import Column, Table, literal, literal_column, select

import clicksession as cs
from clicksession.sql.constructs import (
    as_float,
    as_text,
    ascending,
    calendar_hour,
    descending,
    epoch_microseconds,
    following,
    microseconds_between,
    previous,
    rows_with,
)
from clicksession.sql.dialects import Ability, spelling
from clicksession.sql.tables import Instant, Key, Tables
from clicksession.sql.text import Create, to_sql
from clicksession.testing.statements import (
    ANSWERS,
    ASKED,
    EVENTS,
    LOG,
    SESSIONS,
    START,
    STATEMENTS,
    duration_by_size,
    event_columns,
    first_days,
    session_columns,
)

__all__ = ["DialectContract", "RunningDatabase"]

_TEXTS = ("", "it's", 'a "b"', "100% \\ \\n \\' --", "é €", "{{ x }} /* */ ;")


class RunningDatabase(Protocol):
    """A database that runs where the tests do."""

    def load(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Make a table anew, of the types that the dialect has for its columns, with these rows."""
        ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a statement as it stands, and return its rows."""
        ...


class DialectContract:
    """The tests of a dialect: its text, its grammar, its answers.

    Derive from it, and say which dialect. A folder of golden files holds its text for review:
    written by ``pytest --write-golden``, where the tests have such an option.
    """

    #: The name that the dialect is registered under.
    dialect: ClassVar[str]

    #: The folder with its golden files.
    golden: ClassVar[Path]

    #: What sqlglot calls its grammar; None where sqlglot has none.
    grammar: ClassVar[str | None] = None

    #: As which other dialect its text is compiled; None where it is as itself.
    compiled_as: ClassVar[str | None] = None

    @pytest.fixture
    def database(self) -> RunningDatabase:
        """Give the database, where it can run; the class that derives from this one may."""
        pytest.skip(f"no {self.dialect} runs here")

    @pytest.mark.parametrize("name", STATEMENTS)
    def test_the_text_is_the_reviewed_one(self, name: str, request: pytest.FixtureRequest) -> None:
        """A change of the text is seen by whoever reviews it."""
        text = _text(name, self.dialect) + "\n"
        path = self.golden / f"{name}.sql"
        if request.config.getoption("--write-golden", default=False):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert path.read_text() == text

    @pytest.mark.parametrize("name", STATEMENTS)
    def test_no_line_is_long_and_no_step_is_nested(self, name: str) -> None:
        """One step per idea: a query within a query has a name."""
        lines = _text(name, self.dialect).splitlines()
        assert max(map(len, lines)) <= 120
        selects = sum(line.lstrip().startswith("SELECT") for line in lines)
        unions = sum(line.lstrip().startswith("UNION") for line in lines)
        assert selects == 1 + unions + sum(
            line.endswith(("AS (", "MATERIALIZED (")) and not line.startswith(" ") for line in lines
        )

    @pytest.mark.parametrize("name", STATEMENTS)
    def test_the_grammar_takes_it(self, name: str) -> None:
        """The database's grammar, as sqlglot knows it, reads every statement."""
        tree = self._tree(_text(name, self.dialect))
        assert tree.named_selects

    @pytest.mark.parametrize("name", STATEMENTS)
    def test_windows_say_their_frames(self, name: str) -> None:
        """An aggregate over an ordered window has its frame: the default goes by values."""
        from sqlglot import exp

        framed = (exp.Sum, exp.Count, exp.Min, exp.Max, exp.Avg, exp.FirstValue, exp.LastValue)
        for window in self._tree(_text(name, self.dialect)).find_all(exp.Window):
            if window.args.get("order") and isinstance(window.this, framed):
                assert window.args["spec"].args["kind"] == "ROWS"

    @pytest.mark.parametrize("text", _TEXTS)
    def test_texts_are_not_read_as_anything_else(self, text: str) -> None:
        """Quotes, backslashes and percent signs in a text stay in it."""
        tree = self._tree(to_sql(select(literal(text).label("it")), self.dialect))
        found = tree.selects[0].unalias()
        assert found.this == text

    @pytest.mark.parametrize("ability", list(Ability))
    def test_what_it_cannot_is_refused(self, ability: Ability) -> None:
        """What is declared fails, and says what to do; what is not, does not fail."""
        asked = ASKED.get(ability)
        if asked is None:
            pytest.skip("SQLWriter's own tests refuse it")
        if ability in spelling(self.dialect).cannot:
            with pytest.raises(cs.errors.UnsupportedDialectError) as failure:
                asked(self.dialect)
            assert spelling(self.dialect).cannot[ability] in str(failure.value)
        else:
            assert asked(self.dialect)

    def test_it_is_found_by_what_it_compiles_as(self) -> None:
        """Else what it says differently is not said: its text is that of a relative."""
        found = spelling(spelling(self.dialect).compiling().name)
        assert type(found) is type(spelling(self.compiled_as or self.dialect))

    def test_texts_come_back(self, database: RunningDatabase) -> None:
        """Every text, from a constant and from a column."""
        rows = [(number, text, None, text) for number, text in enumerate(_TEXTS)]
        database.load(EVENTS, rows)
        for number, text in enumerate(_TEXTS):
            same = select(EVENTS.c.event_id, literal(text).label("it")).where(
                EVENTS.c.event_type == text, EVENTS.c.user_id == text
            )
            assert self._rows(database, same) == [(number, text)]

    def test_times_differ_by_whole_microseconds(self, database: RunningDatabase) -> None:
        """Also before 1970, over a change to summer time, and over forty years."""
        ends = (
            datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(2024, 3, 31, 1, 59, 59, 999_999, tzinfo=UTC),
            datetime(2024, 10, 27, 2, 0, 0, 1, tzinfo=UTC),
            datetime(2064, 5, 1, 10, 0, 0, 7, tzinfo=UTC),
        )
        database.load(EVENTS, [(n, "u", end, None) for n, end in enumerate(ends)])
        asked = select(
            EVENTS.c.event_id,
            epoch_microseconds(EVENTS.c.timestamp).label("since_1970"),
            microseconds_between(literal(START, Instant()), EVENTS.c.timestamp).label("since"),
        )
        epoch, one = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
        assert sorted(self._rows(database, asked)) == [
            (n, (end - epoch) // one, (end - START) // one) for n, end in enumerate(ends)
        ]

    def test_the_first_row_has_no_previous_one(self, database: RunningDatabase) -> None:
        """Null and no default, for times and texts alike; nulls come last either way."""
        moments = [START, START + timedelta(minutes=1), None]
        database.load(EVENTS, [(n, str(n), moment, None) for n, moment in enumerate(moments)])
        log = EVENTS.c
        asked = select(
            log.event_id,
            previous(log.user_id).over(order_by=ascending(log.timestamp)).label("before"),
            following(log.user_id).over(order_by=ascending(log.timestamp)).label("after"),
            rows_with(log.timestamp).over().label("known"),
            as_text(log.event_id).label("text"),
            (as_float(log.event_id).op("/", precedence=8)(literal_column("4"))).label("quarter"),
            previous(log.timestamp).over(order_by=descending(log.timestamp)).label("later"),
        ).cte("asked")
        found = self._rows(database, select(*(asked.c[name] for name in asked.c.keys()[:-1])))
        assert sorted(found) == [
            (0, None, "1", 2, "0", 0.0),
            (1, "0", "2", 2, "1", 0.25),
            (2, "1", None, 2, "2", 0.5),
        ]
        first = select(asked.c.event_id).where(asked.c.later.is_(None))
        assert self._rows(database, first) == [(1,)]

    def test_sessions_are_cut(self, database: RunningDatabase) -> None:
        """A gap of exactly the timeout stays; users differ by case; no user, no session."""
        database.load(EVENTS, LOG)
        found = self._rows(database, cs.sql.sessionize(EVENTS, cs.Rules("30min")))
        assert {row[0]: tuple(row[4:]) for row in found} == {
            0: ("ann:1714557600000000", 1),
            1: ("ann:1714557600000000", 1),
            2: ("ann:1714561200000001", 2),
            3: ("ann:1714564800000000", 3),
            4: ("Ann:1714557600000000", 1),
            5: (None, None),
            6: (None, None),
        }

    def test_answers(self, database: RunningDatabase) -> None:
        """The metrics of a small log, as counted by hand."""
        tables = self._stored(database)
        counting = replace(tables, counted_events=("placed_order",))
        for (metric, expected), asked in product(ANSWERS, (tables, counting)):
            ((found,),) = self._rows(database, metric.select(asked))
            assert float(found) == pytest.approx(expected, rel=1e-12), metric

    def test_over_nothing_the_answer_is_null(self, database: RunningDatabase) -> None:
        """Not 0, and not a number that is none."""
        tables = self._stored(database, empty=True)
        for metric, _ in ANSWERS:
            assert self._rows(database, metric.select(tables)) == [(None,)], metric

    def test_percentiles_by_group(self, database: RunningDatabase) -> None:
        """Several in one statement, and beside them other aggregates."""
        tables = self._stored(database)
        found = self._rows(database, duration_by_size(tables))
        expected = [(1, 3, 0.0, 0.0, 0.0), (2, 1, 5.0, 5.0, 5.0)]
        assert [tuple(map(float, row)) for row in found] == expected

    @pytest.mark.parametrize("kind", ["view", "table"])
    def test_views_and_tables_are_made(self, database: RunningDatabase, kind: Create) -> None:
        """What is made of a statement holds its answer."""
        drop = f"DROP {kind.upper()} IF EXISTS contract_{kind}"
        database.rows(drop)
        tables = self._stored(database)
        metric = cs.metrics.SessionDuration(statistic="p90").select(tables)
        database.rows(to_sql(metric, self.dialect, create=kind, name=f"contract_{kind}"))
        ((found,),) = database.rows(f"SELECT * FROM contract_{kind}")  # noqa: S608
        assert float(found) == pytest.approx(3.5)
        database.rows(drop)

    @pytest.mark.parametrize("zone", ["UTC", "Europe/Amsterdam"])
    def test_daysfirst_days_and_months(self, database: RunningDatabase, zone: str) -> None:
        """Weeks begin on Monday; in Amsterdam the last hours of a Sunday are on Monday."""
        sunday = datetime(2024, 3, 31, 23, 30, tzinfo=UTC)
        rows = [(0, "u", sunday, None), (1, "u", datetime(2023, 12, 31, 12, tzinfo=UTC), None)]
        database.load(EVENTS, rows)
        found = sorted(self._rows(database, first_days(EVENTS, zone, "event_id", "timestamp")))
        ours = {row[0]: (*(str(day)[:10] for day in row[1:4]), *row[4:]) for row in found}
        monday = ("2024-04-01", "2024-04-01", "2024-04-01", 0, 0, 0)
        assert ours[0] == (
            ("2024-03-31", "2024-03-25", "2024-03-01", 0, 0, 0) if zone == "UTC" else monday
        )
        assert ours[1] == (
            ("2023-12-31", "2023-12-25", "2023-12-01", 91, 13, 3)
            if zone == "UTC"
            else ("2023-12-31", "2023-12-25", "2023-12-01", 92, 14, 4)
        )

    @pytest.mark.parametrize(
        ("zone", "began"),
        [
            # Where the clocks are set back the hour comes twice; before 1970, too.
            ("UTC", ("2024-10-27 00:00", "2024-10-27 01:00", "1969-12-31 23:00")),
            ("Europe/Amsterdam", ("2024-10-27 00:00", "2024-10-27 01:00", "1969-12-31 23:00")),
            ("Asia/Kathmandu", ("2024-10-27 00:15", "2024-10-27 01:15", "1969-12-31 23:30")),
        ],
    )
    def test_hours_begin_where_the_clocks_show_them(
        self, database: RunningDatabase, zone: str, began: tuple[str, ...]
    ) -> None:
        """An hour is an instant, and one that comes twice is two."""
        moments = ("2024-10-27 00:59:59.999999", "2024-10-27 01:59", "1969-12-31 23:59:59.999999")
        times = [datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in moments]
        database.load(EVENTS, [(n, "u", time, None) for n, time in enumerate(times)])
        hour = calendar_hour(EVENTS.c.timestamp, literal_column(f"'{zone}'"))
        asked = select(EVENTS.c.event_id, epoch_microseconds(hour).label("hour"))
        epoch, one = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
        hours = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in began]
        expected = [(number, (hour - epoch) // one) for number, hour in enumerate(hours)]
        assert sorted(self._rows(database, asked)) == expected

    def _rows(self, database: RunningDatabase, statement: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in database.rows(to_sql(statement, self.dialect))]

    def _tree(self, text: str) -> Any:
        pytest.importorskip("sqlglot", reason='needs: pip install "clicksession[test]"')
        if self.grammar is None:
            pytest.skip(f"sqlglot has no grammar for {self.dialect}")
        return _parsed(text, self.grammar)

    def _stored(self, database: RunningDatabase, *, empty: bool = False) -> Tables:
        """Load the events and sessions of the small log."""
        tables = Tables(prefix="contract_")
        ids = [f"ann:{n}" for n in (1, 1, 2, 3)] + ["Ann:1", None, None]
        rows = [(*row, id_) for row, id_ in zip(LOG, ids, strict=True)]
        events = tables.table("events", *event_columns(), Column("session_id", Key()))
        database.load(events, [] if empty else rows)
        sessions = tables.table("sessions", *session_columns())
        database.load(sessions, [] if empty else SESSIONS)
        return tables


# Four tests look at each text, and two at its tree: one dialect's are kept at a time.
@lru_cache(maxsize=len(STATEMENTS))
def _text(name: str, dialect: str) -> str:
    return to_sql(STATEMENTS[name], dialect)


@lru_cache(maxsize=len(STATEMENTS))
def _parsed(text: str, grammar: str) -> Any:
    import sqlglot

    return sqlglot.parse_one(text, dialect=grammar)
