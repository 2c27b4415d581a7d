"""`clicksession describe`: look at a log."""

import json
from collections.abc import Sequence
from typing import Any

import click

from clicksession.cli.options import verbatim
from clicksession.cli.output import emit
from clicksession.cli.sources import read_from, source_argument, sourced
from clicksession.schema import EventSchema

__all__ = ["command"]


@click.command(
    "describe",
    epilog=verbatim(
        "clicksession describe events.json.gz",
        "clicksession describe --user customerId --time when log.csv",
        "clicksession describe --json events.json.gz | head -5",
        "zcat events.json.gz | clicksession describe -",
    ),
)
@source_argument
@sourced
@click.option("--json", "as_json", is_flag=True, help="An object of JSON.")
@click.option("--progress/--no-progress", default=None, help="[on a terminal]")
def command(
    source: tuple[str, ...], reading: dict[str, Any], as_json: bool, progress: bool | None
) -> None:
    """Say what a log holds, and guess how to read it.

    SOURCE is a file, a URL, a pattern or a folder, or several; - is standard input. All of it is
    read: rows, users, span, event types, columns with their types and nulls, and what would be
    refused, with the first row of each reason. Nothing is written.

    Without an option that says which field is which, that is guessed from names and values; the
    guess says how sure it is, and comes as a line of Python to paste and as options for `run`.
    """
    from clicksession import describe

    with read_from(source) as places:
        found = describe(places, progress=progress, **reading)
    if as_json:
        emit(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
        return
    emit(str(found))
    if found.guesses or found.missing:
        emit(f"\nas options\n  {_as_options(found.schema, found.preset, found.missing)}")


def _as_options(schema: EventSchema, preset: str | None, missing: Sequence[str]) -> str:
    """Return the options that say the same as a schema that was guessed, and leave a blank."""
    if preset is not None:
        return f"--preset {preset}"
    options = {"user": "user_id", "time": "timestamp", "type": "event_type", "event-id": "event_id"}
    said = [
        f"--{option} {'…' if column in missing else _quoted(getattr(schema, column))}"
        for option, column in options.items()
        if column in missing or schema.is_mapped(column)
    ]
    said += [f"--time-format {_quoted(form)}" for form in schema.time_format]
    return " ".join(said) or "none: its fields have the library's own names"


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)
