"""The statements as text: one file for each database, for whoever reviews a change."""

from pathlib import Path

import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.sql.tables import Instant, Key, Words
from clicksession.warehouse import Incremental, Step, incremental
from clicksession.warehouse.days import as_days
from clicksession.warehouse.step import Bounds
from tests.sql.names import INCREMENTAL

GOLDEN = Path(__file__).parent / "golden"
GRAMMARS = {"mariadb": "mysql", "postgresql": "postgres", "sqlserver": "tsql"}
CLICKS = sa.Table(
    "clicks",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger, autoincrement=False),
    sa.Column("customer", Key()),
    sa.Column("at", Instant()),
    sa.Column("page", Words()),
    sa.Column("loaded_at", Instant()),
    schema="raw",
)
_DAY = 86_400_000_000
BOUNDS = Bounds(
    {
        name: as_days([(19_844 * _DAY, 19_845 * _DAY), (19_900 * _DAY, 19_900 * _DAY)])
        for name in ("around", "near")
    },
    {"mark": 1_714_557_600_000_000, "loaded": None},
)


def made(dialect: str) -> Incremental:
    return incremental(
        CLICKS, dialect, user="customer", time="at", event_id="id", loaded_at="loaded_at"
    )


def text(steps: tuple[Step, ...], bounds: Bounds) -> str:
    return "\n\n".join(f"-- {s.name}: {s.does}\n{s.bounded(bounds)};" for s in steps) + "\n"


@pytest.mark.parametrize("dialect", INCREMENTAL)
def test_the_text_is_the_reviewed_one(dialect: str, request: pytest.FixtureRequest) -> None:
    it = made(dialect)
    for name, steps in (("create", it.create), ("job", it.steps)):
        found = text(steps, BOUNDS)
        path = GOLDEN / dialect / f"{name}.sql"
        if request.config.getoption("--write-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(found)
        assert path.read_text() == found


@pytest.mark.parametrize("dialect", INCREMENTAL)
def test_the_grammar_takes_it(dialect: str) -> None:
    sqlglot = pytest.importorskip("sqlglot", reason='needs: pip install "clicksession[test]"')
    for steps in (made(dialect).create, made(dialect).steps):
        for bounds in (Bounds(), BOUNDS):
            found = sqlglot.parse(text(steps, bounds), GRAMMARS.get(dialect, dialect))
            assert len([one for one in found if one is not None]) == len(steps)
            commands = [one for one in found if isinstance(one, sqlglot.exp.Command)]
            assert not commands


@pytest.mark.parametrize("dialect", INCREMENTAL)
def test_days_are_literals(dialect: str) -> None:
    for step in made(dialect).steps:
        if "near" in step.takes or "around" in step.takes:
            assert step.bounded(BOUNDS).count("2024-05-01") == 1
            assert "2024" not in step.sql


@pytest.mark.parametrize("dialect", ["mysql", "spark"])
def test_what_cannot_be_said_is_refused(dialect: str) -> None:
    with pytest.raises(cs.errors.UnsupportedDialectError, match="incremental sessions"):
        made(dialect)


@pytest.mark.parametrize(
    "rules",
    [
        cs.Rules("30min", max_duration="12h"),
        cs.Rules("30min", max_events=10),
        cs.Rules("30min", measured_from="start"),
    ],
)
def test_rules_that_windows_cannot_say_are_refused_by_name(rules: cs.Rules) -> None:
    with pytest.raises(cs.errors.UnsupportedRuleError, match=rules.sequential[0]):
        incremental(CLICKS, "duckdb", user="customer", time="at", event_id="id", rules=rules)


def test_what_the_source_must_have() -> None:
    with pytest.raises(cs.errors.ParameterError, match="`user` must be a column of the source"):
        incremental(CLICKS, "duckdb", time="at", event_id="id")
    with pytest.raises(cs.errors.ParameterError, match="`columns` must be given"):
        incremental("clicks", "duckdb")
    taken = ["event_id", "user_id", "timestamp", "session_id"]
    with pytest.raises(cs.errors.ParameterError, match="without a column 'session_id'"):
        incremental("clicks", "duckdb", columns=taken)


@pytest.mark.parametrize("dialect", ["mariadb", "sqlserver"])
def test_columns_without_types_where_texts_compare_by_them(dialect: str) -> None:
    columns = ["event_id", "user_id", "timestamp"]
    with pytest.raises(cs.errors.ParameterError, match="a Table with types"):
        incremental("clicks", dialect, columns=columns)
