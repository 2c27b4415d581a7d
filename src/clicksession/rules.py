"""What ends a session: a value that can be compared, printed and passed around."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast

from clicksession.durations import as_duration, in_words
from clicksession.errors import ParameterError

__all__ = ["Rules"]


@dataclass(frozen=True)
class Rules:
    """What ends a session.

    A session is a maximal run of one user's events in which no gap exceeds the timeout. A gap of
    exactly the timeout stays in the session; ``at_timeout="new"`` makes it start a new one. Gaps
    are compared as integers at the data's own resolution.

    Parameters
    ----------
    timeout
        The longest pause within a session: text with a unit, a `timedelta` or a
        `pandas.Timedelta`, kept as a `timedelta`.
    at_timeout
        Where an event goes that comes exactly one timeout after the previous one: ``"same"``
        session or ``"new"`` one.

    Raises
    ------
    ParameterError
        A timeout without a unit, of zero or less, or an `at_timeout` that is neither word.

    Examples
    --------
    >>> print(Rules("30min"))
    A session ends after a pause of more than 30 minutes.
    >>> print(Rules("1h", at_timeout="new"))
    A session ends after a pause of 1 hour or more.
    >>> Rules("30min") == Rules("1800s")
    True
    """

    timeout: str | timedelta = "30min"
    at_timeout: Literal["same", "new"] = "same"

    def __post_init__(self) -> None:
        if self.at_timeout not in ("same", "new"):
            raise ParameterError("Rules", "at_timeout", "'same' or 'new'", self.at_timeout)
        duration = as_duration(self.timeout, who="Rules", parameter="timeout")
        object.__setattr__(self, "timeout", duration)

    def __str__(self) -> str:
        pause = in_words(cast(timedelta, self.timeout))
        limit = f"more than {pause}" if self.at_timeout == "same" else f"{pause} or more"
        return f"A session ends after a pause of {limit}."

    def to_json(self) -> str:
        """Return the rules as JSON text, from which `from_json` makes equal ones.

        Examples
        --------
        >>> Rules("30min").to_json()
        '{"timeout": "1800000000us", "at_timeout": "same"}'
        """
        timeout = cast(timedelta, self.timeout) // timedelta(microseconds=1)
        return json.dumps({"timeout": f"{timeout}us", "at_timeout": self.at_timeout})

    @classmethod
    def from_json(cls, text: str) -> "Rules":
        """Return the rules of a text that `to_json` made.

        Examples
        --------
        >>> Rules.from_json(Rules("1h").to_json()) == Rules("1h")
        True
        """
        return cls(**json.loads(text))

    @property
    def gaps_decide(self) -> bool:
        """Whether sessions end exactly where a gap is longer than `longest_gap`.

        Then more events can make sessions longer or join them, and never split one.
        """
        return True

    def longest_gap(self, nanoseconds_per_unit: int) -> int:
        """Return the longest gap within a session, as a whole number of units.

        Exact for every unit, also one that does not divide the timeout: a gap of whole units
        stays in the session precisely when it is not longer than this.

        Examples
        --------
        >>> Rules("30min").longest_gap(10**9)
        1800
        >>> Rules("30min", at_timeout="new").longest_gap(10**6)
        1799999
        """
        timeout = cast(timedelta, self.timeout) // timedelta(microseconds=1) * 1000
        return (timeout if self.at_timeout == "same" else timeout - 1) // nanoseconds_per_unit


def as_rules(timeout: str | timedelta, rules: Rules | None, *, who: str) -> Rules:
    """Return the rules that a caller's two parameters say together.

    `timeout` is the short form of `rules`; naming both, with a timeout other than the default,
    would leave open which one counts, and is refused.
    """
    if rules is None:
        return Rules(as_duration(timeout, who=who, parameter="timeout"))
    if not isinstance(rules, Rules):
        raise ParameterError(who, "rules", "a clicksession.Rules, or None", rules)
    named = as_duration(timeout, who=who, parameter="timeout")
    if named not in (Rules().timeout, rules.timeout):
        raise ParameterError(
            who, "timeout", "left out where `rules` is given", timeout, "`rules` has its own."
        )
    return rules
