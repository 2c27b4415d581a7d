"""Which path of a source feeds which column, and what else must be said of a source.

`model` holds `EventSchema`, `paths` what stands for several paths at once, `forms` the forms of
times, `presets` the schemas of known exports, `naming` what a column is called.
"""

from clicksession.schema.model import CANONICAL, REQUIRED, EventSchema
from clicksession.schema.naming import LONGEST_NAME, SYSTEM, column_name, fitting
from clicksession.schema.paths import Join, Local, Path, Paths, Sum, ends_of

__all__ = [
    "CANONICAL",
    "LONGEST_NAME",
    "REQUIRED",
    "SYSTEM",
    "EventSchema",
    "Join",
    "Local",
    "Path",
    "Paths",
    "Sum",
    "column_name",
    "ends_of",
    "fitting",
]
