"""Texts of times in forms that the schema gives."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.rows.times.counts import NUMBER, counted
from clicksession.readers.rows.times.moments import Moments
from clicksession.readers.rows.times.parts import found_by
from clicksession.schema.forms import pattern_of

__all__ = ["formed"]


def formed(texts: pa.Array, forms: Sequence[str], unit: str | None) -> Moments:
    """Return the moments of texts, each by the first form that it fits; nulls as any moment.

    A text that fits none is no time, unless it is a number and a unit says what it counts.
    """
    moments = Moments.none(len(texts))
    rows = np.flatnonzero(np.asarray(texts.is_valid()))
    for form in forms:
        if not rows.size:
            break
        matched, found = found_by(pattern_of(form), texts.take(pa.array(rows)))
        # 13/05/2024 has no month first: a later form may fit it.
        fits = matched.copy()
        fits[matched] = ~found.bad
        moments.fill(rows[fits], found.taken(~found.bad))
        rows = rows[~fits]
    left = texts.take(pa.array(rows))
    numbers = np.asarray(pc.match_substring_regex(left, NUMBER)) & (unit is not None)
    moments.bad[rows[~numbers]] = True
    if numbers.any():
        moments.fill(rows[numbers], counted(left.filter(pa.array(numbers)), unit))
    return moments
