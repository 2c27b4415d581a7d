"""Random histories of a source: batches with what is late, twice, out of order, and half empty."""

import random
from dataclasses import dataclass, field
from typing import Any

from tests.logs import MINUTE, THIRTY_MINUTES

START = 1_714_557_600_000_000
COLUMNS = ("event_id", "user_id", "timestamp", "event_type", "page", "loaded_at")
_NEAR = [0, 1, 29, 30, 31, 59, 60, 61, 90, 91, 120]
_FAR = [-5000, -4990, 10_000_000, 10_000_020]
_BESIDE = [THIRTY_MINUTES - 1, THIRTY_MINUTES + 1]

Row = tuple[Any, ...]


@dataclass
class History:
    """What has come so far, and a way to draw what comes next.

    Many users, each with a small history of its own, make one run of dbt a test of all of them.
    """

    seed: int
    users: int = 40
    rows: list[Row] = field(default_factory=list)
    batches: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def batch(self, size: int) -> list[Row]:
        """Draw the next batch: a part of it repeats rows that are there already."""
        made = [self._row(number) for number in self._numbers(size)]
        again = self._random.sample(self.rows, min(len(self.rows), size // 5))
        at = START + self.batches * MINUTE
        batch = [(*row[:-1], at) for row in (*made, *again, *made[: size // 10])]
        self._random.shuffle(batch)
        self.batches += 1
        self.rows += batch
        return batch

    def _numbers(self, size: int) -> range:
        first = self.batches * 1000
        return range(first, first + size)

    def _row(self, number: int) -> Row:
        draw = self._random
        user = None if draw.random() < 0.05 else draw.randrange(self.users)
        minutes = draw.choice(_NEAR) if draw.random() < 0.9 else draw.choice(_FAR)
        moment = START + (draw.choice(_BESIDE) if draw.random() < 0.1 else minutes * MINUTE)
        kind = draw.choice(["view", "view", "order", "logout", None])
        page = draw.choice(["home", "shop", None])
        return (number, user, None if draw.random() < 0.05 else moment, kind, page, None)

    @property
    def distinct(self) -> list[Row]:
        """Each event once."""
        return list({row[0]: row for row in self.rows}.values())
