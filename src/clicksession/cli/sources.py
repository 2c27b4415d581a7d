"""How a source is read: the options that say so, and what they come to."""

import functools
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from clicksession.errors import ParameterError
from clicksession.formats import CSV, TSV, Format
from clicksession.schema import EventSchema

__all__ = ["read_from", "schema_of", "source_argument", "sourced"]

_FIELDS = {"event_id": "event_id", "user": "user_id", "time": "timestamp", "type": "event_type"}

#: Files, URLs, patterns and folders, as many as a shell makes of a pattern.
source_argument = click.argument("source", nargs=-1, required=True)


_OPTIONS: Sequence[Callable[[Any], Any]] = (
    click.option("--preset", metavar="NAME", help="The schema of a known export: ga4, segment, …"),
    click.option(
        "--schema",
        "schema_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A file that EventSchema.to_json() made, for all that the options here do not say.",
    ),
    click.option(
        "--user",
        multiple=True,
        metavar="FIELD",
        help="The field of the user; several: the first with a value.",
    ),
    click.option("--time", multiple=True, metavar="FIELD", help="The field of the time."),
    click.option("--type", multiple=True, metavar="FIELD", help="The field of the event's type."),
    click.option("--event-id", multiple=True, metavar="FIELD", help="The field of the event's id."),
    click.option("--zone", metavar="ZONE", help="The zone of times that name none. [UTC]"),
    click.option(
        "--time-format", multiple=True, metavar="FORM", help="A form of times: %d/%m/%Y %H:%M."
    ),
    click.option(
        "--time-unit",
        type=click.Choice(["s", "ms", "us", "ns"]),
        help="What times that are numbers count since 1970.",
    ),
    click.option("-f", "--format", metavar="NAME", help="json, csv, parquet, … [by the file]"),
    click.option("-d", "--delimiter", metavar="CHAR", help="What stands between values of CSV."),
    click.option("-t", "--tabs", is_flag=True, help="Values stand between tabs."),
    click.option("-e", "--encoding", metavar="NAME", help="The encoding of CSV. [UTF-8]"),
    click.option(
        "-K", "--skip-lines", type=int, metavar="N", help="Lines of CSV before its header."
    ),
    click.option(
        "--columns",
        metavar="NAMES",
        help="The columns of CSV without a header, with commas between.",
    ),
    click.option(
        "--storage-option",
        "storage",
        multiple=True,
        metavar="NAME=VALUE",
        help="For the store: endpoint_url=…; a value in JSON is what it says.",
    ),
    click.option(
        "--drop-duplicates",
        metavar="KEY",
        default="event_id",
        show_default=True,
        help="What makes two rows one event: row, none, or columns with commas between.",
    ),
)


def sourced(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command be told how its source is read; it gets the arguments in `reading`."""

    @functools.wraps(command)
    def taking(**given: Any) -> Any:
        said = {name: given.pop(name) for name in _SAID}
        return command(reading=_reading(**said), **given)

    taken: Callable[..., Any] = taking
    for option in reversed(_OPTIONS):
        taken = option(taken)
    return taken


_SAID = (
    "preset",
    "schema_file",
    "user",
    "time",
    "type",
    "event_id",
    "zone",
    "time_format",
    "time_unit",
    "format",
    "delimiter",
    "tabs",
    "encoding",
    "skip_lines",
    "columns",
    "storage",
    "drop_duplicates",
)


def _reading(**said: Any) -> dict[str, Any]:
    """Return the arguments of `read_events` for these options."""
    names = said["columns"]
    return {
        "schema": schema_of(**said),
        "format": _format(said),
        "columns": names.split(",") if names else None,
        "time_unit": said["time_unit"],
        "storage_options": _storage(said["storage"]) or None,
        "drop_duplicates": _key(said["drop_duplicates"]),
    }


def schema_of(**said: Any) -> EventSchema | None:
    """Return the schema that the options describe; None, where none does."""
    if said["preset"] and said["schema_file"]:
        raise click.UsageError("--preset and --schema say the same twice: give one of them.")
    changes: dict[str, Any] = {
        column: _one_or_several(said[option]) for option, column in _FIELDS.items() if said[option]
    }
    changes |= {name: said[name] for name in ("zone", "time_format") if said[name]}
    base = _base(said["preset"], said["schema_file"])
    if base is None:
        return EventSchema(**changes) if changes else None
    values = {name: getattr(base, name) for name in EventSchema.__dataclass_fields__}
    return EventSchema(**{**values, **changes})


def _base(preset: str | None, file: Path | None) -> EventSchema | None:
    if preset:
        return EventSchema.preset(preset)
    if file is None:
        return None
    try:
        return EventSchema.from_json(file.read_text(encoding="utf-8"))
    except (ValueError, TypeError) as error:
        if isinstance(error, ParameterError):
            raise
        raise click.BadParameter(f"{file} is not what EventSchema.to_json() makes.") from None


def _one_or_several(values: Sequence[str]) -> str | tuple[str, ...]:
    return values[0] if len(values) == 1 else tuple(values)


def _format(said: dict[str, Any]) -> str | Format | None:
    """Return the format; a value where more is said of CSV than its name."""
    name, tabs = said["format"], said["tabs"]
    details = {
        "delimiter": said["delimiter"],
        "encoding": said["encoding"],
        "skip": said["skip_lines"],
    }
    given = {key: value for key, value in details.items() if value}
    if tabs and "delimiter" in given:
        raise click.UsageError("--tabs and --delimiter contradict each other.")
    if not given and not tabs:
        return str(name) if name else None
    if name not in (None, "csv", "tsv"):
        raise click.UsageError(f"--format {name} takes nothing that is said of CSV.")
    kind = TSV if tabs or name == "tsv" else CSV
    return kind(**given)


def _storage(given: Sequence[str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for each in given:
        name, separator, value = each.partition("=")
        if not separator or not name:
            # Not shown: it may be a secret.
            raise click.UsageError("--storage-option is NAME=VALUE.")
        try:
            options[name] = json.loads(value)
        except ValueError:
            options[name] = value
    return options


def _key(text: str) -> Any:
    if text in ("event_id", "row"):
        return text
    return None if text == "none" else text.split(",")


@contextmanager
def read_from(source: Sequence[str]) -> Iterator[str | list[str]]:
    """Give the place or places of a source; ``-`` is standard input, kept in a file meanwhile."""
    from clicksession.scratch import scratch

    if list(source) != ["-"]:
        yield source[0] if len(source) == 1 else list(source)
        return
    with scratch() as folder:
        path = folder / "standard-input"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield str(path)
