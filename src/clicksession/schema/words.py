"""What a schema says, in words: where each column comes from, and what else holds."""

from typing import TYPE_CHECKING, Any

from clicksession.display import Card
from clicksession.formats import format_to_text
from clicksession.schema.naming import CANONICAL
from clicksession.schema.paths import Join, Local, Path, Sum

if TYPE_CHECKING:
    from clicksession.schema.model import EventSchema

__all__ = ["card_of", "told"]

# What a person calls it.
_LABELS = {
    "keep": "kept as columns too",
    "pairs": "lists of pairs",
    "events": "list of events",
    "time_format": "form of times",
    "zone": "zone of times without one",
    "ambiguous": "hour that comes twice",
    "nonexistent": "hour that is left out",
    "null_values": "texts for null",
    "json": "texts that hold JSON",
    "drop": "left out",
    "pack": "packed into one column",
    "rename": "renamed",
    "order": "order within a moment",
    "optional": "may be missing",
    "exclude": "rows left out",
    "outside": "events in no session",
    "vocabulary": "roles",
}


def card_of(schema: "EventSchema", given: dict[str, Any]) -> Card:
    """Return what a notebook shows of a schema, of which these fields are given."""
    columns = {name: ", or ".join(map(told, schema.mapping(name))) for name in CANONICAL}
    own = {name: f"{name}, where there is one" for name in CANONICAL if not schema.needs(name)}
    facts = {
        name: own.get(name, path) if name not in given else path for name, path in columns.items()
    }
    rest = {name: value for name, value in given.items() if name not in CANONICAL}
    facts |= {_LABELS.get(name, name): _read(name, value) for name, value in rest.items()}
    return Card(
        kind="EventSchema", sentences=["Which field of the source feeds which column."], facts=facts
    )


def told(path: Path) -> str:
    """Return what gives one value, as one reads it.

    Examples
    --------
    >>> told("user"), told(Join("date", "time")), told(Sum({"start": "s", "offset": "ms"}))
    ('user', 'date and time, joined', 'start (s) plus offset (ms)')
    """
    if isinstance(path, Join):
        *others, last = path.paths
        return f"{', '.join(others)} and {last}, joined"
    if isinstance(path, Sum):
        return " plus ".join(f"{one} ({unit})" for one, unit in path.units)
    return f"{path.path}, a clock on the wall" if isinstance(path, Local) else path


def _read(name: str, value: Any) -> str:
    if name == "format" and not isinstance(value, str):
        return format_to_text(value)
    if not isinstance(value, tuple):
        return str(value)
    if value and isinstance(value[0], tuple):
        pairs = ((key, one if isinstance(one, str) else " or ".join(one)) for key, one in value)
        return "; ".join(f"{key}: {one}" for key, one in pairs)
    return ", ".join(map(repr, value) if name == "null_values" else value)
