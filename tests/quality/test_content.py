"""What tells rows apart that have no id of their own."""

import pandas as pd

from clicksession.quality import content_ids


def test_texts_that_name_somebody_are_what_they_are() -> None:
    devices = pd.DataFrame({"device": ["1e5", "100000", "100000.0"]})
    assert len(set(content_ids(devices, exactly=True).to_pylist())) == 3


def test_a_number_is_the_same_however_it_is_written() -> None:
    texts = pd.DataFrame({"x": ["2.50", "1E-05", "7", "7.0"], "y": ["a", "a", "a", "a"]})
    numbers = pd.DataFrame({"x": [2.5, 1e-05, 7.0, 7.0], "y": ["a", "a", "a", "a"]})
    assert content_ids(texts).to_pylist() == content_ids(numbers).to_pylist()
    others = pd.DataFrame({"x": ["2.51", "v2.50", "007", "70"], "y": ["a", "a", "a", "a"]})
    assert not set(content_ids(texts).to_pylist()) & set(content_ids(others).to_pylist())
