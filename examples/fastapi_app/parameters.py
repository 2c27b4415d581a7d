"""The parameters of a metric as those of a URL: made from its fields, so that none is forgotten."""

import re
from dataclasses import MISSING, Field, fields
from inspect import Parameter, getdoc
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from fastapi import Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import StringConstraints

from clicksession.metrics import Metric, Period, Role
from clicksession.metrics.roles import EventTypes
from clicksession.metrics.steps import Steps

__all__ = ["Id", "description_of", "known_alone", "metric_of", "parameters_of"]

# Some databases refuse the character 0 in a text.
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
# A session's id is its user's, of up to 480 bytes, with the time of its start behind it.
Id = Annotated[str, StringConstraints(min_length=1, max_length=520, pattern=r"^[^\x00]+$")]
Words = Annotated[list[Word], Query(min_length=1, max_length=20)]
Played = Annotated[
    list[Word],
    Query(max_length=20, description="event types; left out, what the database calls them"),
]
SomeWords = Annotated[list[Word] | None, Query(min_length=1, max_length=20)]
Statistic = Annotated[
    str,
    StringConstraints(pattern=r"^(median|mean|p[1-9][0-9]?(\.[0-9]{1,3})?|p0\.[0-9]{0,2}[1-9])$"),
    Query(description="median, mean, or a percentile such as p90"),
]
Within = Annotated[
    str,
    StringConstraints(pattern=r"^(session|[1-9][0-9]{0,4}(s|min|h|d))$"),
    Query(description="session, or a duration such as 7d"),
]
Moment = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
        r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
    ),
    Query(description="a day, or a time such as 2024-05-01T12:00; UTC where it names no zone"),
]
Unit = Literal["hour", "day", "week", "month"]
By = Annotated[
    list[Word],
    Query(
        max_length=3,
        description="columns of a session or of its first event; hour, day, week, month",
    ),
]
Zone = Annotated[Word, Query(description="the zone of hours, days, weeks and months")]

_OWN: dict[str, Any] = {
    "statistic": Statistic,
    "within": Within,
    "by": By,
    "since": Moment | None,
    "until": Moment | None,
}
_LIMITS = {"length": (1, 20), "top": (1, 1000), "up_to": (0, 10_000)}


def known_alone(request: Request) -> None:
    """Refuse what would be left out, so that another question would be answered.

    That is a name that is no parameter, and a value beside another one where one is taken.

    Raises
    ------
    RequestValidationError
        The answer is 422, as for a parameter that is known and wrong.
    """
    known = {
        field.alias: _is_list(field.field_info.annotation)
        for field in request.scope["route"].dependant.query_params
    }
    faults = {}
    for name in request.query_params:
        if name not in known:
            faults[name] = f"Not a parameter. Known: {', '.join(sorted(known)) or 'none'}"
        elif not known[name] and len(request.query_params.getlist(name)) > 1:
            faults[name] = "Given more than once, and takes one value."
    if faults:
        raise RequestValidationError(
            [{"type": "value_error", "loc": ("query", n), "msg": m} for n, m in faults.items()]
        )


def _is_list(annotation: Any) -> bool:
    """Say whether a parameter takes several values, or may."""
    return any(get_origin(part) is list for part in (annotation, *get_args(annotation)))


def parameters_of(kind: type[Metric]) -> list[Parameter]:
    """Return what a URL may say of a metric: all but `where`, which is an expression."""
    hints = get_type_hints(kind)
    said = [_parameter(field, hints[field.name]) for field in fields(kind) if field.name != "where"]
    return [*said, Parameter("zone", Parameter.KEYWORD_ONLY, default="UTC", annotation=Zone)]


def description_of(kind: type[Metric]) -> str:
    """Return what the docstring of a metric says, in Markdown: its meaning and its parameters."""
    meaning, _, rest = (getdoc(kind) or "").partition("\n\nParameters\n----------\n")
    parameters = re.split(r"\n\n[A-Z][a-z]+\n-+\n", rest)[0]
    # A name stands at the beginning of its line, and its text is indented below it.
    items = re.sub(r"(?m)^(\w[\w, ]*)$", r"\n- **\1**:", parameters)
    return f"{meaning}\n{items}".replace("``", "`")


def metric_of(kind: type[Metric], said: dict[str, Any]) -> Metric:
    """Return the metric that a URL asks for."""
    # Also where nothing asks for a period: a zone that is none is a mistake.
    zone = Period(zone=said.pop("zone")).zone
    by = tuple(Period(one, zone) if one in get_args(Unit) else one for one in said.pop("by"))
    if "period" in said:
        said["period"] = Period(said["period"], zone)
    lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    # Left out, a role is played by what the vocabulary of the database says.
    roles = [each.name for each in fields(kind) if isinstance(each.default, Role)]
    chosen = {
        name: value for name, value in {**said, **lists}.items() if value or name not in roles
    }
    return kind(**chosen, by=by)


def _parameter(field: Field[Any], hint: Any) -> Parameter:
    default = [] if field.name == "by" else field.default
    if isinstance(default, Period):
        default, hint = default.unit, Unit
    if isinstance(default, Role):
        default, hint = [], Played
    if isinstance(default, tuple):
        default = list(default)
    annotation = _OWN.get(field.name) or _annotation(field.name, hint)
    none = Parameter.empty if default is MISSING else default
    return Parameter(field.name, Parameter.KEYWORD_ONLY, default=none, annotation=annotation)


def _annotation(name: str, hint: Any) -> Any:
    if hint in (EventTypes, Steps) or get_origin(hint) is tuple:
        # Of steps, the conditions cannot be said: they are expressions, as `where` is.
        return Words
    if hint == EventTypes | None:
        return SomeWords
    if hint in (int, int | None):
        least, most = _LIMITS[name]
        return Annotated[hint, Query(ge=least, le=most)]
    if hint is str:
        return Word
    if hint == (str | None):
        return Word | None
    return hint
