"""In which form a field of texts may hold times, where it is not ISO 8601: a guess."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import is_text
from clicksession.readers.rows.times import Meaning, as_instants

__all__ = ["forms_of"]

_DATE = r"^\s*\d{1,2}[./-]\d{1,2}[./-]\d{4}(\s|$)"
# The day comes first in more of the world; an American log shows it by a month above 12.
_ORDERS = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")


def forms_of(values: pa.ChunkedArray, meaning: Meaning, share: float) -> Sequence[str]:
    """Return the forms by which at least a share of the texts are times, the likeliest first.

    Several: the day and the month may each come first, and the texts do not tell.

    Examples
    --------
    >>> forms_of(pa.chunked_array([["31.12.2024 10:00", "1.1.2025 9:30"]]), Meaning(), 0.9)
    ['%d.%m.%Y %H:%M']
    >>> forms_of(pa.chunked_array([["3/1/2024"]]), Meaning(), 0.9)
    ['%d/%m/%Y', '%m/%d/%Y']
    """
    there = values.drop_null()
    if not len(there) or not is_text(there.type) or meaning.forms:
        return []
    dated = there.filter(pc.match_substring_regex(there, _DATE))
    if len(dated) < share * len(there):
        return []
    mark = next(each for each in dated[0].as_py() if each in "./-")
    return [form for form in _forms(mark) if _fits(there, replace(meaning, forms=(form,)), share)]


def _forms(mark: str) -> Iterator[str]:
    for clock in _CLOCKS:
        for order in _ORDERS:
            yield order.format(mark) + clock


def _fits(values: pa.ChunkedArray, meaning: Meaning, share: float) -> bool:
    refused = as_instants(values, meaning).refused
    return len(values) - len(refused) >= share * len(values)
