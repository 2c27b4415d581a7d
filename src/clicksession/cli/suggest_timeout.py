"""`clicksession suggest-timeout`: which timeout the pauses themselves suggest."""

import json
from typing import Any

import click

import clicksession
from clicksession.cli.options import tables_of, tables_options, verbatim
from clicksession.cli.output import emit
from clicksession.cli.sources import read_from, source_argument, sourced
from clicksession.cli.targets import TARGET, is_target
from clicksession.metrics import Role
from clicksession.schema import EventSchema

__all__ = ["command"]


@click.command(
    "suggest-timeout",
    epilog=verbatim(
        "clicksession suggest-timeout shop.duckdb",
        "clicksession suggest-timeout events.json.gz --preset webshop",
        "clicksession suggest-timeout shop.duckdb --json",
    ),
)
@source_argument
@sourced
@click.option("--by", metavar="COLUMN", help="Suggest one for each value of a column.")
@tables_options
@click.option("--json", "as_json", is_flag=True, help="An object of JSON.")
def command(
    source: tuple[str, ...],
    reading: dict[str, Any],
    by: str | None,
    prefix: str,
    db_schema: str | None,
    as_json: bool,
) -> None:
    """Say which timeout the pauses between events suggest, and how much it matters.

    SOURCE is a target (a database by its URL, or a file of DuckDB or SQLite), or a log: a file, a
    URL, a pattern or a folder; - is standard input. A log is read into memory.
    """
    if len(source) == 1 and is_target(source[0]):
        data: Any = TARGET.convert(source[0], None, None)
        found = clicksession.suggest_timeout(data, by=by, tables=tables_of(prefix, db_schema))
    else:
        with read_from(source) as places:
            log = clicksession.read_events(places, **reading)
        found = clicksession.suggest_timeout(log, by=by, events=_orders(reading["schema"]))
    emit(json.dumps(_plain(found), indent=2) if as_json else _said(found))


def _orders(schema: EventSchema | None) -> Role:
    """Return the orders in the words of a schema, as a target that it fills has them."""
    words = {} if schema is None else dict(schema.vocabulary)
    return Role("order", called=words.get("order", ()))


def _said(found: Any) -> str:
    if hasattr(found, "describe"):
        return str(found.describe())
    return "\n".join(f"{value}: {each.describe()}" for value, each in found.items())


def _plain(found: Any) -> Any:
    if not hasattr(found, "verdict"):
        return {str(value): _plain(each) for value, each in found.items()}
    seconds = {
        f"{name}_seconds": moment and moment.total_seconds()
        for name, moment in (("timeout", found.timeout), ("low", found.low), ("high", found.high))
    }
    return {**seconds, "is_clear": found.is_clear, "verdict": found.verdict}
