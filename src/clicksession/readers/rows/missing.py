"""What to say where no row has what feeds a column that must be there."""

from collections.abc import Collection, Iterator, Sequence

from clicksession.errors import SchemaError, did_you_mean
from clicksession.schema import REQUIRED, EventSchema
from clicksession.schema.paths import sources_of
from clicksession.schema.presets import PRESETS

__all__ = ["missing_column"]

# Of the fields that there are, so many are named.
_SHOWN = 100


def missing_column(
    name: str, schema: EventSchema, paths: Collection[str], sources: Sequence[str]
) -> SchemaError:
    """Return the error: which column lacks, what there is, and what to type.

    Parameters
    ----------
    name
        The canonical column.
    paths
        The paths that the rows have.
    sources
        What to call the sources.
    """
    lacking = [path for path in schema.paths(name) if path not in paths]
    found = sorted(paths)
    more = f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
    advice = [
        did_you_mean(lacking[0], found),
        f"It has: {', '.join(found[:_SHOWN])}{more}.",
        *_within_text(lacking, schema, paths),
        *_of_a_preset(name, schema, paths),
        f"Map it with schema=EventSchema({name}=…).",
    ]
    return SchemaError(
        sources[0] if len(sources) == 1 else f"{sources[0]} and {len(sources) - 1:,} more",
        f"no row has {' or '.join(map(repr, lacking))}, which feeds {name!r}",
        " ".join(filter(None, advice)),
    )


def _within_text(
    lacking: Sequence[str], schema: EventSchema, paths: Collection[str]
) -> Iterator[str]:
    """Say how to read a text that holds JSON, where the path goes through a field that is there."""
    for path in lacking:
        parts = path.split(".")
        for count in range(1, len(parts)):
            above = ".".join(parts[:count])
            if above in paths and above not in schema.json:
                yield f"EventSchema(json={above!r}) looks into it where it is a text of JSON."
                return


def _of_a_preset(name: str, schema: EventSchema, paths: Collection[str]) -> Iterator[str]:
    """Name the presets that know such fields, where the schema says nothing of the column."""
    if schema.paths(name) != (name,):
        return
    known = [preset for preset in PRESETS if _feeds(EventSchema.preset(preset), paths)]
    if known:
        yield f"Presets that know such fields: {', '.join(known)}; schema=EventSchema.preset(…)."


def _feeds(schema: EventSchema, paths: Collection[str]) -> bool:
    return all(
        any(set(sources_of(path)).issubset(paths) for path in schema.mapping(name))
        for name in REQUIRED
    )
