"""What a dialect cannot do: refused by name, and shown in the documentation."""

import builtins
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.sql.dialects import Ability, spelling
from tests.sql.names import NAMES, RUNS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "dialects.md"
PACKAGES = {
    "bigquery": "sqlalchemy_bigquery",
    "clickhouse": "clickhouse_connect",
    "databricks": "databricks",
    "redshift": "sqlalchemy_redshift",
    "snowflake": "snowflake",
    "spark": "databricks",
    "trino": "trino",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_writer_refuses_what_it_cannot_write_to(name: str) -> None:
    engine = sa.Engine(sa.NullPool(lambda: None), spelling(name).compiling(), sa.make_url("a://"))  # type: ignore[arg-type, return-value]
    if Ability.WRITE in spelling(name).cannot:
        with pytest.raises(cs.errors.UnsupportedDialectError, match="a target of SQLWriter"):
            cs.SQLWriter(engine)
    else:
        assert cs.SQLWriter(engine).rules == cs.Rules()


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_that_is_not_there_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def without(module: str, *arguments: Any, **options: Any) -> Any:
        if module.split(".")[0] == PACKAGES[name]:
            raise ModuleNotFoundError(f"No module named {module!r}")
        return found(module, *arguments, **options)

    monkeypatch.setattr(
        "clicksession.sql.dialects.base.import_module", lambda module: without(module)
    )
    with pytest.raises(cs.errors.MissingExtraError) as failure:
        cs.to_sql(cs.metrics.SessionDuration(), name)
    assert f'pip install "clicksession[{spelling(name).extra}]"' in str(failure.value)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"create": "index", "name": "a"}, "`create` must be 'view' or 'table'"),
        ({"create": "view"}, "`name` must be the name of the view"),
        ({"create": "view", "name": "a..b"}, "`name` must be the name of the view"),
        ({"name": "a"}, "`create` must be 'view' or 'table'"),
    ],
)
def test_what_cannot_be_made(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=message):
        cs.to_sql(cs.metrics.SessionDuration(), "duckdb", **asked)


def test_names_are_quoted_where_they_must_be() -> None:
    made = cs.to_sql(
        sa.select(sa.literal(1).label("x")), "postgresql", create="view", name='a.my "view'
    )
    assert made == 'CREATE VIEW a."my ""view" AS\nSELECT 1 AS x'


def test_a_view_has_no_order_unless_there_is_a_limit() -> None:
    number = sa.literal(1).label("x")
    ordered = sa.select(number).order_by(number)
    assert "ORDER BY" not in cs.to_sql(ordered, "sqlserver", create="view", name="a")
    assert "ORDER BY" in cs.to_sql(ordered.limit(3), "sqlserver", create="view", name="a")


def table() -> str:
    """Return the table of the page."""
    head = [
        "Database",
        "`dialect=`",
        "Extra",
        *(ability.value for ability in Ability),
        "Checked by",
    ]
    rows = [head, ["---"] * len(head), *map(_row, NAMES)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(name: str) -> list[str]:
    spelled = spelling(name)
    checked = "running it" if name in RUNS else "grammar and translation"
    abilities = ["no" if ability in spelled.cannot else "yes" for ability in Ability]
    return [
        spelled.title,
        f'`"{name}"`',
        f"`{spelled.extra}`" if spelled.extra else "",
        *abilities,
        checked,
    ]


def reasons() -> str:
    """Return what to do instead, for the page."""
    return "\n".join(
        f"- {spelling(name).title}, {ability.value}: {hint.replace('`', '')}"
        for name in NAMES
        for ability, hint in spelling(name).cannot.items()
    )


def test_the_page_shows_the_table(request: pytest.FixtureRequest) -> None:
    text = PAGE.read_text()
    for mark, content in (("table", table()), ("reasons", reasons())):
        pattern = re.compile(rf"(<!-- {mark} -->\n).*?(<!-- end -->)", re.DOTALL)
        assert pattern.search(text)
        ours = f"\n{content}\n\n"
        written = pattern.sub(lambda found, ours=ours: found[1] + ours + found[2], text)
        if request.config.getoption("--write-golden"):
            text = written
            PAGE.write_text(text)
        assert written == text
