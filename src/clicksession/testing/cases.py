"""The table of cases that ships with the package, and what each expects."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from clicksession.durations import as_duration
from clicksession.rules import Rules
from clicksession.testing.logs import NANOSECONDS, Log

__all__ = ["Case", "all_cases"]

MIXED = "mixed"


@dataclass(frozen=True)
class Case:
    """A small log, the rules to cut it by, and the session that each row must get.

    Attributes
    ----------
    topic, name
        What the case is about.
    rules
        What ends a session.
    log
        The events.
    sessions
        For each row the ordinal of its session within its user, from 1 on, or None for none.
    offsets
        Where the times carry several zones: each as text, with its offset.
    """

    topic: str
    name: str
    rules: Rules
    log: Log
    sessions: tuple[int | None, ...]
    offsets: tuple[str | None, ...] | None = None

    def frame(self) -> pd.DataFrame:
        """Return the events as a pandas frame."""
        events = self.log.pandas()
        if self.offsets is None:
            return events
        times = [text and datetime.fromisoformat(text) for text in self.offsets]
        return events.assign(timestamp=pd.Series(times, dtype=object))

    def session_ids(self) -> list[str | None]:
        """Return the id that each row must get: the user, and the microsecond of the start."""
        keys = list(zip(self.log.columns["user_id"], self.sessions, strict=True))
        starts: dict[Any, int] = {}
        for key, time in zip(keys, self.log.columns["timestamp"], strict=True):
            if key[1] is not None:
                starts[key] = min(time // 1000, starts.get(key, time // 1000))
        taken: dict[str, int] = {}
        names = {}
        for user, index in sorted(starts, key=lambda key: (str(key[0]), key[1])):
            name = f"{user}:{starts[user, index]}"
            taken[name] = taken.get(name, 0) + 1
            names[user, index] = name if taken[name] == 1 else f"{name}.{taken[name]}"
        return [names.get(key) for key in keys]


def all_cases() -> list[Case]:
    """Return every case.

    Examples
    --------
    >>> cases = all_cases()
    >>> cases[0].topic, cases[0].name
    ('boundary', 'one unit before the timeout, s, at_timeout=same')
    >>> cases[0].sessions
    (1, 1)
    """
    text = files("clicksession.testing").joinpath("cases.jsonl").read_text(encoding="utf-8")
    return [_case(json.loads(line)) for line in text.splitlines()]


def _case(given: dict[str, Any]) -> Case:
    events, mixed = dict(given["events"]), given["zone"] == MIXED
    texts = events["timestamp"]
    times = list(_instants(texts) if mixed else _counts(texts))
    columns = {**events, "timestamp": times}
    if "patience" in columns:
        columns["patience"] = [own and _nanoseconds(own) for own in columns["patience"]]
    return Case(
        topic=given["topic"],
        name=given["name"],
        rules=Rules.from_json(json.dumps(given["rules"])),
        log=Log(columns, given["unit"], "UTC" if mixed else given["zone"]),
        sessions=tuple(given["sessions"]),
        offsets=tuple(texts) if mixed else None,
    )


def _counts(texts: Sequence[str | None]) -> Iterator[int | None]:
    for text in texts:
        yield None if text is None else int(np.datetime64(text, "ns").astype(np.int64))


def _instants(texts: Sequence[str | None]) -> Iterator[int | None]:
    for text in texts:
        yield None if text is None else pd.Timestamp(text).as_unit("ns").value


def _nanoseconds(text: str) -> int:
    duration = as_duration(text, who="Case", parameter="patience")
    return round(duration.total_seconds()) * NANOSECONDS["s"]
