"""Which path of a source feeds which column, and what else must be said of a source.

`model` holds `EventSchema`, `paths` what stands for several paths at once, `forms` the forms of
times, `presets` the schemas of known exports, `naming` what a column is called, `vocabulary` what
an event type is.
"""

from clicksession.schema.model import CANONICAL, REQUIRED, EventSchema
from clicksession.schema.naming import LONGEST_NAME, SOURCE_SESSION, SYSTEM, column_name, fitting
from clicksession.schema.paths import Join, Local, Path, Paths, Sum, ends_of
from clicksession.schema.vocabulary import Vocabulary, as_vocabulary, event_type, event_types

__all__ = [
    "CANONICAL",
    "LONGEST_NAME",
    "REQUIRED",
    "SOURCE_SESSION",
    "SYSTEM",
    "EventSchema",
    "Join",
    "Local",
    "Path",
    "Paths",
    "Sum",
    "Vocabulary",
    "as_vocabulary",
    "column_name",
    "ends_of",
    "event_type",
    "event_types",
    "fitting",
]
