"""The options of each metric, made from its parameters: what Python takes, the shell takes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from clicksession import metrics
from clicksession.cli.options import Commands
from clicksession.metrics import Metric, Period, Role

__all__ = ["MetricCommands", "example_of", "metric_of", "metrics_by_name", "shell_name"]

_SHARED = ("by", "where", "since", "until")
_UNITS = ("hour", "day", "week", "month")
# What the made-up log of `clicksession demo` has, for parameters without a default.
_TOLD = {
    "page": "--page event_page",
    "source": "--source event_user_agent",
    "steps": "--steps page_view --steps add_product_to_cart --steps placed_order",
}


def shell_name(name: str) -> str:
    """Return what the command line calls a metric.

    Examples
    --------
    >>> shell_name("VisitsBeforeOrder"), shell_name("visits-before-order")
    ('visits-before-order', 'visits-before-order')
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).replace("_", "-").lower()


def metrics_by_name() -> dict[str, type[Metric]]:
    """Return all metrics by the names that the command line gives them."""
    classes = [getattr(metrics, name) for name in metrics.__all__]
    return {
        shell_name(each.__name__): each
        for each in classes
        if isinstance(each, type) and issubclass(each, Metric) and each is not Metric
    }


def example_of(kind: type[Metric]) -> str:
    """Return a metric's name with the options that it needs, in the words of the made-up log."""
    needed = [_TOLD[each.name] for each in fields(kind) if each.default is MISSING]
    return " ".join([shell_name(kind.__name__), *needed])


class MetricCommands(Commands):
    """A group with one command for each metric, with the metric's parameters as its options."""

    def __init__(
        self, *args: Any, making: Callable[[type[Metric]], click.Command], **more: Any
    ) -> None:
        super().__init__(*args, kind="metric", **more)
        self._making = making

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the metrics."""
        return sorted(metrics_by_name())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a metric, by its name here or in Python."""
        kind = metrics_by_name().get(shell_name(cmd_name))
        if kind is None:
            return None
        command = self._making(kind)
        # What is asked comes before what is done with the answer.
        arguments = [each for each in command.params if isinstance(each, click.Argument)]
        options = [each for each in command.params if isinstance(each, click.Option)]
        command.params = [*arguments, *_options_of(kind), *_shared_options(), *options]
        command.help = _help_of(kind)
        command.short_help = command.help.partition("\n")[0]
        return command


def metric_of(kind: type[Metric], given: dict[str, Any]) -> Metric:
    """Return the metric that the options describe, and take them from what was given."""
    zone = given.pop("zone")
    values = {each.name: given.pop(each.name) for each in fields(kind) if each.name in given}
    chosen = {name: value for name, value in values.items() if value not in (None, ())}
    by = chosen.pop("by", ())
    if by:
        chosen["by"] = tuple(Period(each, zone) if each in _UNITS else each for each in by)
    if "period" in chosen:
        chosen["period"] = Period(chosen["period"], zone)
    elif "period" in values and zone != "UTC":
        chosen["period"] = Period(_default(kind, "period").unit, zone)
    return kind(**chosen)


def _options_of(kind: type[Metric]) -> list[click.Parameter]:
    hints, helps = get_type_hints(kind), _parameter_helps(kind)
    return [
        _option(each, hints[each.name], helps.get(each.name, ""))
        for each in fields(kind)
        if each.name not in _SHARED
    ]


def _option(each: Field[Any], hint: Any, text: str) -> click.Parameter:
    default = None if each.default is MISSING else each.default
    is_many = _holds(hint, Role)
    # The text is that of Python, where an event may be told by more than its type.
    if is_many:
        text += " In a shell: an event type, and the option again for each further one."
    shown = f"{text} [{_said(default)}]" if default is not None else text
    return click.Option(
        [f"--{each.name.replace('_', '-')}", each.name],
        type=_type(hint),
        multiple=is_many,
        required=each.default is MISSING,
        help=shown,
    )


def _type(hint: Any) -> Any:
    """Return what texts an option takes for a parameter of this type."""
    if _holds(hint, Period):
        return click.Choice(_UNITS)
    words = [
        word for part in _parts(hint) if get_origin(part) is Literal for word in get_args(part)
    ]
    if words and not _holds(hint, int):
        return click.Choice([word for word in words if word is not None])
    if _holds(hint, int) and not _holds(hint, Role):
        return _WordOrNumber(words) if words else click.INT
    return click.STRING


class _WordOrNumber(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.3
    name = "text"

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if value in self._words:
            return value
        if not re.fullmatch(r"-?\d+", str(value)):
            self.fail(f"{value!r} is no whole number and none of {', '.join(self._words)}.")
        return int(value)


def _parts(hint: Any) -> tuple[Any, ...]:
    """Return the types of a union, or the one type."""
    is_one = get_origin(hint) is Literal or not get_args(hint) or isinstance(hint, type)
    return (hint,) if is_one else get_args(hint)


def _holds(hint: Any, kind: type) -> bool:
    return hint is kind or any(part is kind for part in _parts(hint))


def _shared_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--by"],
            multiple=True,
            metavar="COLUMN",
            help="Answer for each value of a column, or for each hour, day, week or month.",
        ),
        click.Option(
            ["--zone"], default="UTC", help="The zone of hours, days, weeks and months. [UTC]"
        ),
        click.Option(["--since"], metavar="TIME", help="Count from here on: 2024-05-01."),
        click.Option(["--until"], metavar="TIME", help="Count up to here, and without it."),
    ]


def _help_of(kind: type[Metric]) -> str:
    """Return the docstring up to its sections, for a terminal."""
    text = re.split(r"\n\s*\n *Parameters\n", kind.__doc__ or "")[0]
    return _unmarked("\n".join(line.strip() for line in text.splitlines()))


def _parameter_helps(kind: type[Metric]) -> dict[str, str]:
    """Return what the docstring says of each parameter."""
    sections = re.split(r"\n\s*(?=[A-Z][a-z]+\n\s*-{3,})", kind.__doc__ or "")
    found: dict[str, str] = {}
    names: list[str] = []
    for line in next((each for each in sections if each.startswith("Parameters")), "").split("\n")[
        2:
    ]:
        if re.match(r" {4}\w", line):
            names = line.strip().split(", ")
        elif line.strip():
            for name in names:
                found[name] = f"{found.get(name, '')} {_unmarked(line.strip())}".strip()
    return found


def _unmarked(text: str) -> str:
    return re.sub(r"``([^`]*)``|`([^`]*)`", lambda found: found[1] or found[2], text).replace(
        '"', ""
    )


def _said(default: Any) -> str:
    if isinstance(default, Role):
        return f"the role {default.name}"
    return default.unit if isinstance(default, Period) else str(default)


def _default(kind: type[Metric], name: str) -> Any:
    return next(each.default for each in fields(kind) if each.name == name)
