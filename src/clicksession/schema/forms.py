"""The forms of times that a schema gives, as patterns that say what stands where."""

import re
from functools import lru_cache

from clicksession.errors import ParameterError

__all__ = ["pattern_of"]

_SHORT = {
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "R": "%H:%M",
    "T": "%H:%M:%S",
    "e": "%d",
    "h": "%b",
    "B": "%b",
    "A": "%a",
    "n": " ",
    "t": " ",
}
_MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    "Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
_WEEKDAYS = (
    "Mon(?:day)?|Tue(?:s(?:day)?)?|Wed(?:nesday)?|Thu(?:r(?:s(?:day)?)?)?|Fri(?:day)?|"
    "Sat(?:urday)?|Sun(?:day)?"
)
_TWO = ("m", "d", "H", "I", "M", "S")
_PARTS = {
    "Y": r"\d{4}",
    "y": r"\d\d",
    "j": r"\d{3}",
    "f": r"\d+",
    "b": _MONTHS,
    "a": _WEEKDAYS,
    "p": r"[AP]M",
    "z": r"Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?",
    "Z": r"UTC|GMT|Z",
}
_DIRECTIVE = re.compile(r"%(.)|(\s+)|(.)", re.DOTALL)
_KNOWN = "".join(sorted({*_TWO, *_PARTS, *_SHORT}))


@lru_cache(maxsize=256)
def pattern_of(form: str) -> str:
    r"""Return the regular expression of a form that `strptime` could read, with a group per part.

    Raises
    ------
    ParameterError
        It holds a directive that is not known, or no whole date.

    Examples
    --------
    >>> pattern_of("%d/%m/%Y")
    '(?i)^\\s*(?P<d>\\d{1,2})/(?P<m>\\d{1,2})/(?P<Y>\\d{4})\\s*$'
    """
    pieces, groups = list[str](), list[str]()
    spelled_out = re.sub(r"%(.)", lambda m: _SHORT.get(m[1], m[0]), form, flags=re.DOTALL)
    tokens = _DIRECTIVE.findall(spelled_out)
    for place, (directive, space, literal) in enumerate(tokens):
        if directive and directive != "%":
            beside = [tokens[n][0] for n in (place - 1, place + 1) if 0 <= n < len(tokens)]
            pieces.append(_group(directive, beside))
            groups.append(directive)
        else:
            pieces.append(r"\s+" if space else re.escape(directive or literal))
    _check_parts(form, groups)
    # A zone by name and one by offset are one thing.
    return rf"(?i)^\s*{''.join(pieces).replace('(?P<Z>', '(?P<z>')}\s*$"


def _group(directive: str, beside: list[str]) -> str:
    if directive in _TWO:
        # Between other digits, only two make clear where each begins.
        alone = not any(name in (*_TWO, "Y", "y", "j", "f") for name in beside)
        return rf"(?P<{directive}>\d{{{'1,' if alone else ''}2}})"
    return rf"(?P<{directive}>{_PARTS.get(directive, '')})"


def _check_parts(form: str, groups: list[str]) -> None:
    must = "forms of times, as strptime reads them, such as '%d/%m/%Y %H:%M'"

    def refuse(problem: str) -> None:
        raise ParameterError("EventSchema", "time_format", must, form, problem)

    if form.replace("%%", "").endswith("%"):
        refuse("It ends in half a directive: a per cent sign itself is %%.")
    unknown = [name for name in groups if name not in _TWO and name not in _PARTS]
    if unknown:
        refuse(f"It knows no %{unknown[0]}, but {' '.join(f'%{name}' for name in _KNOWN)} %%.")
    twice = next((name for name in groups if groups.count(name) > 1), None)
    clash = [pair for pair in ("Yy", "mb", "HI", "zZ") if set(pair) <= set(groups)]
    if twice or clash:
        refuse(f"It says one thing twice: %{twice or ' and %'.join(clash[0])}.")
    has_day = "j" in groups or ({"m", "b"} & set(groups) and "d" in groups)
    if not ({"Y", "y"} & set(groups) and has_day):
        refuse("It needs a whole date: a year, a month and a day. Fields apart are a Join.")
    if ("I" in groups) != ("p" in groups):
        refuse("%I needs %p, which says which half of the day it is; %H is one of 24 hours.")
    if groups.count("j") and {"m", "b", "d"} & set(groups):
        refuse("It says one thing twice: %j is the month and the day.")
