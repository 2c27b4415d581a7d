"""What several commands take: how results look, which tables are meant."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from clicksession.cli.output import Form

__all__ = ["form_options", "quiet_option", "tables_of", "tables_options", "verbatim"]

Command = TypeVar("Command", bound=Callable[..., Any])

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing but the result.")


def verbatim(*lines: str) -> str:
    """Return an epilog of examples, whose lines stay as they are."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def form_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command show its result as a table, as CSV or as JSON; it gets which in `form`."""

    @functools.wraps(command)
    def taking(*, as_csv: bool, as_json: bool, **given: Any) -> Any:
        if as_csv and as_json:
            raise click.UsageError("--csv and --json contradict each other.")
        form: Form = "csv" if as_csv else "json" if as_json else "table"
        return command(form=form, **given)

    as_json = click.option(
        "--json", "as_json", is_flag=True, help="An array of JSON, one object for each row."
    )
    as_csv = click.option(
        "--csv", "as_csv", is_flag=True, help="CSV with a header; nulls are empty."
    )
    return as_csv(as_json(taking))


def tables_options(command: Command) -> Command:
    """Let a command be told which tables of a target are meant."""
    command = click.option(
        "--db-schema", metavar="NAME", help="The database schema that holds the tables."
    )(command)
    return click.option(
        "--prefix", default="", metavar="TEXT", help="What the tables' names begin with: web_."
    )(command)


def tables_of(prefix: str, db_schema: str | None, **more: Any) -> Any:
    """Return the tables that the options name; None for the usual ones."""
    from clicksession.sql import Tables

    if not prefix and not db_schema and not any(more.values()):
        return None
    return Tables(prefix=prefix, schema=db_schema, **more)
