"""Which preset of `EventSchema` the fields of a source fit."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.compute as pc

from clicksession.arrow import as_text
from clicksession.describing.sample import Sample
from clicksession.readers.formats.choosing import name_of
from clicksession.schema import CANONICAL, EventSchema
from clicksession.schema.paths import sources_of
from clicksession.schema.presets import PRESETS

__all__ = ["Fit", "best_fits"]

# Of the fields that a preset names, the share that must be there.
_LEAST = 0.6
# Formats that say themselves what they are; the fields of the others are anybody's.
_OF_THEIR_OWN = ("alb", "elb", "s3_access", "snowplow", "w3c", "weblog")


@dataclass(frozen=True)
class Fit:
    """How well a preset fits the fields of a source.

    Attributes
    ----------
    name
        The preset.
    there, named
        How many of the fields that it names are there, of how many.
    knows_types
        Whether it knows an event type that occurs.
    lacks_types
        Whether it names event types of which none occurs.
    """

    name: str
    there: int
    named: int
    knows_types: bool
    lacks_types: bool

    @property
    def share(self) -> float:
        """The share of its fields that are there."""
        return self.there / self.named

    def __str__(self) -> str:
        return f"{self.there} of the {self.named} fields that it names are there"


def best_fits(sample: Sample) -> tuple[Fit, ...]:
    """Return the presets that fit, the best first."""
    fits = [fit for name in PRESETS if (fit := _fit(name, sample)) is not None]
    by_worth = sorted(
        fits, key=lambda fit: (fit.knows_types, fit.share, fit.there, fit.name), reverse=True
    )
    return tuple(by_worth)


def _fit(name: str, sample: Sample) -> Fit | None:
    schema = EventSchema.preset(name)
    format = name_of(schema.format)
    if format in _OF_THEIR_OWN and format != sample.format:
        return None
    needed = [column for column in CANONICAL if schema.needs(column)]
    if not all(_has_any(schema, column, sample) for column in needed):
        return None
    paths = {path for column in CANONICAL for path in schema.paths(column)} - set(CANONICAL)
    paths |= {path for column in needed for path in schema.paths(column)}
    there = sum(_is_there(path, schema, sample) for path in paths)
    if there < _LEAST * len(paths):
        return None
    knows = _knows_types(schema, sample)
    return Fit(name, there, len(paths), bool(knows), knows is False)


def _has_any(schema: EventSchema, column: str, sample: Sample) -> bool:
    return any(
        all(_is_there(path, schema, sample) for path in sources_of(each))
        for each in schema.mapping(column)
    )


def _is_there(path: str, schema: EventSchema, sample: Sample) -> bool:
    """Say whether a field is there, or the text or list that holds it."""
    holders = [*schema.json, *schema.pairs, *([schema.events] if schema.events else [])]
    inside = [holder for holder in holders if path.startswith(f"{holder}.")]
    return path in sample.columns or any(holder in sample.columns for holder in inside)


def _knows_types(schema: EventSchema, sample: Sample) -> bool | None:
    """Say whether a vocabulary has a word for an event that occurs; None: it has no words."""
    vocabulary = dict(schema.vocabulary)
    known = {kind for kinds in vocabulary.values() for kind in kinds}
    paths = [path for path in schema.paths("event_type") if path in sample.columns]
    if not known or not paths:
        return None
    return any(not known.isdisjoint(_values(path, sample)) for path in paths)


def _values(path: str, sample: Sample) -> Iterator[str]:
    yield from as_text(pc.unique(sample.columns[path]).drop_null()).to_pylist()
