"""Parts that are worked on at once come out in their order, and errors in their place."""

import threading
import time
from collections.abc import Iterator

import pytest

from clicksession.readers.formats.in_order import AHEAD, in_order


def test_parts_come_in_their_order_whichever_is_done_first() -> None:
    def work(number: int) -> int:
        time.sleep(0.02 if number % 2 else 0)
        return number * number

    assert list(in_order(work, range(20))) == [(number, number * number) for number in range(20)]


def test_the_first_comes_before_the_second_is_asked_for() -> None:
    asked: list[int] = []

    def parts() -> Iterator[int]:
        for number in range(3):
            asked.append(number)
            yield number

    coming = in_order(str, parts())
    assert next(coming) == (0, "0")
    assert asked == [0]
    coming.close()


def test_what_goes_wrong_with_a_part_is_raised_in_its_place() -> None:
    def work(number: int) -> float:
        return 1 / (number - 7)

    coming = in_order(work, range(20))
    assert [next(coming)[0] for _ in range(7)] == list(range(7))
    with pytest.raises(ZeroDivisionError):
        next(coming)


def test_what_goes_wrong_with_the_parts_is_raised_behind_those_before_it() -> None:
    def parts() -> Iterator[int]:
        yield from range(6)
        raise ConnectionError

    coming = in_order(str, parts())
    assert [next(coming)[0] for _ in range(6)] == list(range(6))
    with pytest.raises(ConnectionError):
        next(coming)


def test_no_more_parts_are_asked_for_than_may_wait_and_none_after_the_end() -> None:
    asked: list[int] = []

    def parts() -> Iterator[int]:
        for number in range(100):
            asked.append(number)
            yield number

    coming = in_order(str, parts())
    for _ in range(10):
        next(coming)
    assert len(asked) <= 10 + AHEAD
    coming.close()
    before = len(asked)
    assert list(coming) == []
    assert len(asked) == before
    assert not [t for t in threading.enumerate() if t.name.startswith("clicksession-parse")]
