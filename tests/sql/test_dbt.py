"""Models of dbt: rendered as dbt would, and run."""

import re
from typing import Any

import jinja2
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.sql.text import statement_of, unordered
from clicksession.testing.statements import (
    LOG,
    SESSIONS,
    STATEMENTS,
    event_columns,
    session_columns,
)
from tests.sql.running import OfEngine

TABLES = cs.sql.Tables()


def rendered(sql: str) -> str:
    """Render with dbt's functions: here a source is a schema, and a model a table of main."""
    names = {
        "config": lambda **_: "",
        "source": lambda source, table: f"{source}.{table}",
        "ref": lambda model: model,
    }
    text = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False).from_string(sql)
    return text.render(**names).strip()


@pytest.fixture
def database() -> Any:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=sa.pool.StaticPool)
    running = OfEngine(engine)
    running.rows("CREATE SCHEMA shop")
    shop = cs.sql.Tables(schema="shop")
    ids = ["ann:1", "ann:1", "ann:2", "ann:3", "Ann:1", None, None]
    events = shop.table("events", *event_columns(), sa.Column("session_id", sa.Text))
    running.load(events, [(*row, id_) for row, id_ in zip(LOG, ids, strict=True)])
    running.load(shop.table("sessions", *session_columns()), SESSIONS)
    running.load(TABLES.table("stg_sessions", *session_columns()), SESSIONS[:3])
    yield running
    engine.dispose()


def test_a_model_runs_over_its_sources(database: Any) -> None:
    model = cs.to_dbt(cs.metrics.SessionDuration(statistic="mean"), "duckdb", source="shop")
    assert model.name == "session_duration"
    assert "{{ source('shop', 'sessions') }}" in model.sql
    assert model.sql.startswith("{{ config(materialized='view') }}\n")
    assert database.rows(rendered(model.sql)) == [(1.25,)]


def test_a_model_runs_over_another_model(database: Any) -> None:
    model = cs.to_dbt(
        cs.metrics.SessionDuration(statistic="mean"),
        "duckdb",
        name="mean_minutes",
        materialized="table",
        refs={"sessions": "stg_sessions"},
    )
    assert "ref('stg_sessions')" in model.sql
    assert "- name: sessions" not in model.sources
    assert database.rows(rendered(model.sql)) == [(pytest.approx(5 / 3),)]


@pytest.mark.parametrize("dialect", ["duckdb", "sqlserver", "clickhouse", "bigquery", "trino"])
@pytest.mark.parametrize("name", STATEMENTS)
def test_rendering_changes_nothing_but_the_tables(name: str, dialect: str) -> None:
    metric = STATEMENTS[name]
    model = cs.to_dbt(metric, dialect, name=name)
    text = rendered(model.sql)
    without = "\n".join(line for line in text.splitlines() if not line.startswith("-- "))
    ours = cs.to_sql(unordered(statement_of(metric, "")), dialect).removeprefix("WITH ")
    assert without.endswith(ours)
    imports = without.removesuffix(ours)
    assert set(re.findall(r"FROM clicksession\.(\w+)", imports)) <= {"events", "sessions"}
    assert imports.count("SELECT") == imports.count("FROM clicksession.") > 0


def test_jinja_in_a_text_stays_what_it_is(database: Any) -> None:
    events = TABLES.events
    text = "{{ x }} {% y %} {# z #} {{{ {{% }}"
    statement = sa.select(sa.literal(text).label("it")).select_from(events).limit(1)
    model = cs.to_dbt(statement, "duckdb", name="odd", source="shop")
    assert database.rows(rendered(model.sql)) == [(text,)]


def test_the_yaml_says_the_definition() -> None:
    yaml = pytest.importorskip("yaml", reason="needs: pip install pyyaml")
    metric = cs.metrics.VisitsBeforeOrder()
    found = yaml.safe_load(cs.to_dbt(metric, "snowflake").yaml)
    assert found == {
        "version": 2,
        "models": [
            {
                "name": "visits_before_order",
                "description": metric.describe(),
                "columns": [{"name": "median_visits_before_order"}],
            }
        ],
    }


def test_models_of_one_project_have_one_source() -> None:
    yaml = pytest.importorskip("yaml", reason="needs: pip install pyyaml")
    both = [cs.metrics.SessionDuration(), cs.metrics.VisitsBeforeOrder()]
    ones, others = (cs.to_dbt(metric, "snowflake").sources for metric in both)
    assert ones == others
    tables = [{"name": "events"}, {"name": "sessions"}]
    assert yaml.safe_load(ones)["sources"] == [{"name": "clicksession", "tables": tables}]
    web = both[0].select(cs.sql.Tables(prefix="web_"))
    names = yaml.safe_load(cs.to_dbt(web, "snowflake", name="a").sources)["sources"][0]["tables"]
    assert names == [{"name": "web_events"}, {"name": "web_sessions"}]
    refs = {"sessions": "stg_sessions", "events": "stg_events"}
    assert cs.to_dbt(both[1], "snowflake", refs=refs).sources == ""


def test_a_model_has_no_order_unless_it_has_a_limit() -> None:
    assert "ORDER BY" not in cs.to_dbt(cs.metrics.SessionsPerUser(by="page"), "sqlserver").sql[-60:]
    first = sa.select(TABLES.events.c.user_id).order_by(TABLES.events.c.timestamp).limit(3)
    assert "ORDER BY" in cs.to_dbt(first, "snowflake", name="a").sql


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "a b"}, "`name` must be letters"),
        ({"source": "x'); --"}, "`source` must be letters"),
        ({"materialized": "incremental"}, "`materialized` must be one of 'view'"),
        ({"refs": {"orders": "o"}}, "`refs` must be of tables that the metric reads: sessions"),
        ({"refs": {"sessions": "a-b"}}, "`refs` must be letters"),
    ],
)
def test_what_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=message):
        cs.to_dbt(cs.metrics.SessionDuration(), "duckdb", **wrong)


def test_a_statement_needs_a_name_and_no_schema() -> None:
    with pytest.raises(cs.errors.ParameterError, match="`name` must be given for a statement"):
        cs.to_dbt(sa.select(TABLES.events.c.user_id), "duckdb")
    elsewhere = cs.sql.Tables(schema="shop").events
    with pytest.raises(cs.errors.ParameterError, match="without a schema"):
        cs.to_dbt(sa.select(elsewhere.c.user_id), "duckdb", name="a")
