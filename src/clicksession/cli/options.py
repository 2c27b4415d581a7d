"""What several commands take: how results look, which tables are meant."""

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


def form_options(command: Command) -> Command:
    """Let a command show its result as a table, CSV or JSON."""

    def form(name: Form, text: str) -> Callable[[Command], Command]:
        return click.option(f"--{name}", "form", flag_value=name, type=str, help=text)

    command = form("json", "An array of JSON, one object for each row.")(command)
    command = form("csv", "CSV with a header; nulls are empty.")(command)
    return click.option(
        "--table", "form", flag_value="table", type=str, default="table", help="Text (as usual)."
    )(command)


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
