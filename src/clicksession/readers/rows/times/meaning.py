"""What is asked of times."""

from dataclasses import dataclass

import pandas as pd

from clicksession.readers.rows.times.moments import FIRST, LAST
from clicksession.schema import Local
from clicksession.schema.model import Ambiguous, EventSchema, Nonexistent

__all__ = ["Course", "Meaning"]


@dataclass(frozen=True)
class Meaning:
    """What times mean, as a schema and a call say it; left out, all that can be read is one.

    Attributes
    ----------
    unit
        What numbers count since 1970; left out, each by its magnitude.
    forms
        The forms of times, as `EventSchema.time_format` has them; left out, those that say
        themselves what they are.
    zone
        The zone of times that name none; left out, UTC.
    on_wall
        Whether counts go by a clock on the wall, as a `Local` says.
    ambiguous, nonexistent
        As in `EventSchema`.
    earliest, latest
        The bounds of times that are good, in microseconds since 1970. They lie within what can be
        held, whose ends stand for all that is beyond.
    """

    unit: str | None = None
    forms: tuple[str, ...] = ()
    zone: str | None = None
    ambiguous: Ambiguous = "earlier"
    nonexistent: Nonexistent = "refuse"
    earliest: int = FIRST + 1
    latest: int = LAST - 1
    on_wall: bool = False

    @classmethod
    def of(
        cls, schema: EventSchema, unit: str | None, earliest: pd.Timestamp, latest: pd.Timestamp
    ) -> "Meaning":
        """Return what times of a source with this schema mean."""
        return cls(
            unit,
            tuple(schema.time_format),
            schema.zone,
            schema.ambiguous,
            schema.nonexistent,
            earliest.value // 1000,
            latest.value // 1000,
            any(isinstance(path, Local) for path in schema.mapping("timestamp")),
        )


@dataclass
class Course:
    """How far the times of one source have come, where their order decides what they are.

    Attributes
    ----------
    last
        The time of the row before, in microseconds since 1970.
    """

    last: int | None = None
