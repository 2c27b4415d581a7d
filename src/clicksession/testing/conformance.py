"""Ask a function for the sessions of known and of random logs, and say what it gets right.

Anybody's function can be asked. It is given a pandas frame and the rules, and returns a label for
each row: the same for two rows of one user exactly if they are of one session, and a null for a row
of none.

    from clicksession.testing import conformance

    def sessions(events, rules):
        return my_library.sessions(events, gap=rules.timeout)

    print(conformance.report(conformance.ask(sessions)))

A function that cannot follow some rules raises `NotImplementedError` for them.

The command ``python -m clicksession.testing.conformance`` asks this library's own engines for
frames in memory: every case, and random logs cut by random rules.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pandas as pd
import pyarrow as pa

from clicksession.rules import Rules
from clicksession.sessions import sessionize
from clicksession.testing.cases import Case, all_cases
from clicksession.testing.logs import random_log, random_rules
from clicksession.testing.reference import sessions_of

__all__ = ["ENGINES", "Answer", "ask", "random_cases", "report"]

Labels = Callable[[pd.DataFrame, Rules], Iterable[Any]]

# Most logs are small, so that many rules get their turn.
_SIZES = (10, 30, 300)

#: What can be said of an answer.
RIGHT, WRONG, FAILED, REFUSED = "right", "wrong", "failed", "refused"


@dataclass(frozen=True)
class Answer:
    """What a function made of a case.

    Attributes
    ----------
    case
        The case.
    outcome
        ``right``; ``wrong``; ``failed`` with an error; or ``refused``, as rules that it has not.
    detail
        What is wrong with it, or the error.
    """

    case: Case
    outcome: str
    detail: str = ""


def ask(function: Labels, cases: Iterable[Case] | None = None) -> list[Answer]:
    """Ask a function for the sessions of each case, of all that ship with the package by default.

    Examples
    --------
    >>> def one_for_each_user(events, rules):
    ...     return [0] * len(events)
    >>> Counter(answer.outcome for answer in ask(one_for_each_user))["right"] > 0
    True
    """
    return [_answer(function, case) for case in (all_cases() if cases is None else cases)]


def report(answers: Sequence[Answer], details: bool = True) -> str:
    """Return how many cases of each topic are right, as text, and what is wrong with the others."""
    lines = []
    for topic in dict.fromkeys(answer.case.topic for answer in answers):
        theirs = [answer for answer in answers if answer.case.topic == topic]
        counts = Counter(answer.outcome for answer in theirs)
        others = [f"{counts[kind]} {kind}" for kind in (WRONG, FAILED, REFUSED) if counts[kind]]
        right = f"{counts[RIGHT]} of {len(theirs)} right"
        lines.append(f"{topic:16} {', '.join([right, *others])}")
    if details:
        lines += [
            f"  {answer.outcome}: {answer.case.topic}, {answer.case.name}: {answer.detail}"
            for answer in answers
            if answer.outcome in (WRONG, FAILED)
        ]
    return "\n".join(lines)


def random_cases(seed: int, events: int) -> Iterator[Case]:
    """Give random logs with random rules until they have so many events together.

    What they expect is what the plain loop of `clicksession.testing.reference` makes of them.
    """
    random, given = Random(seed), 0  # noqa: S311  # nothing is to be kept secret
    while given < events:
        log, rules = random_log(random, random.choice(_SIZES)), random_rules(random)
        given += len(log.columns["user_id"])
        found = sessions_of(log.events(), rules)
        sessions = tuple(None if one is None else one.index for one in found)
        yield Case("random", rules.to_json(), rules, log, sessions)


def _pandas(events: pd.DataFrame, rules: Rules) -> list[Any]:
    found: list[Any] = sessionize(events, rules=rules)["session_id"].tolist()
    return found


def _arrow(events: pd.DataFrame, rules: Rules) -> list[Any]:
    table = sessionize(_table(events), rules=rules)
    found: list[Any] = table.column("session_id").to_pylist()
    return found


def _polars(events: pd.DataFrame, rules: Rules) -> list[Any]:
    import polars

    frame = polars.DataFrame(_table(events))
    return sessionize(frame, rules=rules)["session_id"].to_list()


def _table(events: pd.DataFrame) -> pa.Table:
    if events["timestamp"].dtype == object:
        # Several zones in one column are instants in Arrow.
        events = events.assign(timestamp=pd.to_datetime(events["timestamp"], utc=True))
    return pa.Table.from_pandas(events, preserve_index=False)


#: This library's engines for frames in memory; each gives the session ids.
ENGINES: dict[str, Labels] = {"pandas": _pandas, "pyarrow": _arrow, "polars": _polars}


def _answer(function: Labels, case: Case) -> Answer:
    try:
        labels = [None if pd.isna(label) else label for label in function(case.frame(), case.rules)]
    except NotImplementedError as error:
        return Answer(case, REFUSED, str(error))
    except Exception as error:  # noqa: BLE001  # whatever it raises is its answer
        return Answer(case, FAILED, f"{type(error).__name__}: {str(error).strip()[:200]}")
    wrong = _difference(case, labels)
    return Answer(case, WRONG if wrong else RIGHT, wrong)


def _difference(case: Case, labels: list[Any]) -> str:
    """Return the first thing that labels say otherwise than a case, or nothing."""
    if len(labels) != len(case.sessions):
        return f"{len(labels)} labels for {len(case.sessions)} rows"
    users = case.log.columns["user_id"]
    theirs: dict[Any, int] = {}
    ours: dict[Any, int] = {}
    for row, (label, session) in enumerate(zip(labels, case.sessions, strict=True)):
        if (label is None) != (session is None):
            return f"row {row} must have {'no' if session is None else 'a'} session"
        if session is None:
            continue
        with_theirs = theirs.setdefault((users[row], label), row)
        with_ours = ours.setdefault((users[row], session), row)
        if with_theirs != with_ours:
            apart = with_ours == row
            other = with_theirs if apart else with_ours
            return f"rows {other} and {row} must be {'apart' if apart else 'together'}"
    return ""


def _same_ids(labels: list[Any], case: Case) -> str:
    expected = case.session_ids()
    return "" if labels == expected else f"the ids must be {expected}; they are {labels}"


def main() -> None:
    """Ask the engines for frames in memory; stop at the first disagreement."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("engines", nargs="*", help=f"{', '.join(ENGINES)}; all if left out")
    arguments.add_argument("--events", type=int, default=1_000_000, help="how many random events")
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    engines = {name: ENGINES[name] for name in given.engines or ENGINES}
    for name, function in engines.items():
        answers = ask(function)
        print(f"{name}, {len(answers)} cases\n{report(answers)}", flush=True)  # noqa: T201
        if any(answer.outcome != RIGHT for answer in answers):
            raise SystemExit(1)
    events, logs = 0, 0
    for case in random_cases(given.seed, given.events):
        for name, function in engines.items():
            ids = [None if pd.isna(one) else one for one in function(case.frame(), case.rules)]
            wrong = _difference(case, ids) or _same_ids(ids, case)
            if wrong:
                raise SystemExit(f"{name}, {case.name}: {wrong}\n{case.frame().to_string()}")
        events, logs = events + len(case.sessions), logs + 1
    print(f"{', '.join(engines)}: no disagreement over {events:,} random events in {logs:,} logs")  # noqa: T201


if __name__ == "__main__":
    main()
