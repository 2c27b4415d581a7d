"""Keywords of what is public: those that went by another name, and those that are misspelt."""

import functools
import inspect
import sys
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from clicksession.errors import ParameterError, UnknownParameterError, UnnamedParameterError

__all__ = ["keywords", "warn_caller"]

F = TypeVar("F", bound=Callable[..., Any])

_MUST = "given once, under its present name"


def keywords(**former: str) -> Callable[[F], F]:
    """Return a decorator of a function or class, by which it says what a wrong keyword means.

    The signature stays what it is, also to type checkers, which know the present names alone. A
    class is left as it is, but for its ``__init__``; of a dataclass, this decorator goes on top.

    Parameters
    ----------
    former
        Names that a parameter had in an earlier release, with the present one. They go on working,
        with a `FutureWarning`; of a class they are read as attributes, too.
    """

    def decorated(what: F) -> F:
        if not inspect.isclass(what):
            return _hearing(what, what.__name__, former)  # type: ignore[return-value]
        made: Any = what
        made.__init__ = _hearing(made.__init__, what.__name__, former)
        for old, new in former.items():
            setattr(made, old, _former(what.__name__, old, new))
        return what

    return decorated


def warn_caller(sentence: str, category: type[Warning]) -> None:
    """Warn whoever called the library, from however deep inside of it."""
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] == "clicksession":
        frame, level = frame.f_back, level + 1
    warnings.warn(sentence, category, stacklevel=level)


def _hearing(function: Callable[..., Any], who: str, former: dict[str, str]) -> Callable[..., Any]:
    named = inspect.signature(function).parameters.values()
    known = [one.name for one in named if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    is_known = frozenset(known).__contains__
    by_name = [one.name for one in named if one.kind is one.KEYWORD_ONLY]
    takes_unnamed = len(named) - len(by_name) if by_name else sys.maxsize
    known = [name for name in known if name != "self"]

    @functools.wraps(function)
    def hearing(*args: Any, **given: Any) -> Any:
        if not all(map(is_known, given)):
            given = _present(who, given, former, known)
        if len(args) > takes_unnamed:
            raise UnnamedParameterError(who, args[takes_unnamed], by_name)
        return function(*args, **given)

    return hearing


def _present(
    who: str, given: dict[str, Any], former: dict[str, str], known: list[str]
) -> dict[str, Any]:
    """Return keywords under their present names."""
    present = {name: value for name, value in given.items() if name not in former}
    for old in [name for name in given if name in former]:
        new = former[old]
        if new in present:
            raise ParameterError(who, new, _MUST, f"`{old}` beside it")
        warn_caller(f"{who}: `{old}` is called `{new}` now.", FutureWarning)
        present[new] = given[old]
    for name in present:
        if name not in known:
            raise UnknownParameterError(who, name, known)
    return present


def _former(who: str, old: str, new: str) -> property:
    """Return an attribute that says what it is called now."""

    def read(self: Any) -> Any:
        warn_caller(f"{who}: `{old}` is called `{new}` now.", FutureWarning)
        return getattr(self, new)

    read.__doc__ = f"Former name of `{new}`."
    return property(read)
