"""What commands have in common: how results look, which tables are meant, what is near a typo."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from clicksession.cli.output import Form
from clicksession.errors import did_you_mean

__all__ = [
    "Commands",
    "form_options",
    "quiet_option",
    "tables_of",
    "tables_options",
    "verbatim",
]

Command = TypeVar("Command", bound=Callable[..., Any])

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing but the result.")


class Commands(click.Group):
    """A group of commands, or of metrics, that says which is near where one is mistyped."""

    def __init__(self, *args: Any, kind: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._kind = kind

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant, or say which is near."""
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            known = self.list_commands(ctx)
            near = did_you_mean(args[0], known) or f"Known: {', '.join(known)}."
            ctx.fail(f"there is no {self._kind} called {args[0]!r}. {near}")
        return super().resolve_command(ctx, args)


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
