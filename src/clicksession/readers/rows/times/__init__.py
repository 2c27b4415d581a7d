"""Read a column of times of any spelling as instants in UTC.

What a value comes to depends on the value and on what is asked of times, never on the type of the
column or on what else it holds. `columns` asks of each value what it is: `counts` reads numbers,
`spellings` texts, `zones` finds the instants of wall clocks.
"""

from clicksession.readers.rows.times.columns import Instants, as_instants, summed
from clicksession.readers.rows.times.meaning import Course, Meaning
from clicksession.readers.rows.times.moments import FIRST, LAST

__all__ = ["FIRST", "LAST", "Course", "Instants", "Meaning", "as_instants", "summed"]
