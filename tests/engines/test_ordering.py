"""The order by packed keys equals Python's own stable sort."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from clicksession.engines.ordering import by_key, by_key_and_time

_SMALL = st.integers(0, 5)
_WIDE = st.integers(-(2**63), 2**63 - 1)
_CLOSE = st.sampled_from([0, 1, 2, 3, 2**40, 2**40 + 1, 2**62, 2**62 + 1, -(2**62)])


def _vector(elements: st.SearchStrategy[int]) -> st.SearchStrategy[np.ndarray]:
    return st.lists(elements, max_size=60).map(lambda values: np.array(values, dtype=np.int64))


@given(_vector(st.one_of(_SMALL, st.integers(0, 2**63 - 1))))
def test_by_key_is_a_stable_sort(keys: np.ndarray) -> None:
    expected = sorted(range(len(keys)), key=lambda row: keys[row])
    assert by_key(keys.copy()).tolist() == expected


@given(st.data())
def test_by_key_and_time_is_a_stable_sort(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 60))
    keys = data.draw(arrays.arrays(np.int64, size, elements=_SMALL))
    elements = data.draw(st.sampled_from([_SMALL, _WIDE, _CLOSE]))
    times = data.draw(arrays.arrays(np.int64, size, elements=elements))
    expected = sorted(range(size), key=lambda row: (keys[row], times[row]))
    assert by_key_and_time(keys, times).tolist() == expected


def test_inputs_are_not_changed() -> None:
    keys, times = np.array([2, 1, 0]), np.array([3, 2, 1])
    by_key_and_time(keys, times)
    assert keys.tolist() == [2, 1, 0]
    assert times.tolist() == [3, 2, 1]
