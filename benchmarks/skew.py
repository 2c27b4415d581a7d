"""Sessions of logs whose users are not alike: ``python -m benchmarks.skew``.

The whole call on a pandas frame with text users, as many events in each: an even log, of ten
events a user; one in which a user has a third of all; one in which the number of a user's events
falls with their rank, as Zipf has it; one of a user for each event. All are shuffled, and sorted.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from benchmarks import data
from benchmarks.timing import Method, announced, compare, parser, print_table
from clicksession import sessionize

__all__ = ["LOGS", "main"]

Make = Callable[[data.Log, np.random.Generator], np.ndarray]

LOGS: dict[str, Make] = {
    "even": lambda log, random: log.users,
    "a third of one user": lambda log, random: np.where(
        random.random(len(log.users)) < 1 / 3, 1, log.users
    ),
    "Zipf": lambda log, random: np.minimum(random.zipf(1.2, len(log.users)), 10**8 - 1),
    "a user for each event": lambda log, random: np.arange(1, len(log.users) + 1),
}


def main() -> None:
    """Print the table."""
    given = announced(parser(__doc__, events=10_000_000, repeat=3))
    log, random = data.log(given.events, given.seed), np.random.default_rng(given.seed)
    timed = []
    for name, users_of in LOGS.items():
        frame = data.shuffled(data.Log(users_of(log, random), log.times, 0), given.seed)
        texts = pd.Series(frame["user_id"]).astype("str").str.zfill(8).radd("user-")
        timed.append(Method(name, partial(sessionize, frame.assign(user_id=texts))))
    print_table("whole, by how users are spread", compare(timed, given.repeat, _has_sessions))


def _has_sessions(name: str, visits: pd.DataFrame) -> None:
    if visits["session_id"].isna().any():
        raise ValueError(f"{name}: events without a session")


if __name__ == "__main__":
    main()
