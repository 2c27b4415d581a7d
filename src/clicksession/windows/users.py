r"""Users of several columns: their texts as one, such that different users stay different.

``("a", "b:c")`` is ``a:b\:c``, and ``("a:b", "c")`` is ``a\:b:c``: a backslash stands before each
backslash and each colon of a part. So a `Join` of a schema has it, where its separator is a colon.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from clicksession.errors import ParameterError
from clicksession.windows.words import Frame, Words, free_name

__all__ = ["SEPARATOR", "as_users", "name_beside", "with_users", "without"]

#: What stands between the parts of a user, as between a user and a start in the id of a session.
SEPARATOR = ":"


def as_users(user: Any, *, who: str) -> tuple[str, ...]:
    """Return the columns that say whose an event is.

    Raises
    ------
    ParameterError
        It is no name, nor several that differ.
    """
    names = (user,) if isinstance(user, str) else user
    is_several = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
    if not is_several or not names or len(set(names)) < len(names):
        must = "the name of a column, or several in a list, each once"
        raise ParameterError(who, "user", must, user)
    return tuple(names)


def name_beside(names: Iterable[str]) -> str:
    """Return a name for the users that no column of a frame has."""
    return free_name("whole_user", {each.lower() for each in names})


def with_users(words: Words, frame: Frame, users: Sequence[str], name: str) -> Frame:
    """Return a frame with one column more: the users that several columns say; null where one is.

    Parameters
    ----------
    words
        What the engine of the frame says things with.
    frame
        The frame.
    users
        The columns.
    name
        What to call the new one.
    """
    texts = [_escaped(words, words.text(words.column(frame, each))) for each in users]
    separator = words.value(SEPARATOR)
    joined = [part for text in texts for part in (separator, text)][1:]
    nothing = reduce(or_, map(words.is_null, texts))
    whole = words.case([(~nothing, words.joined(*joined))], None)
    return words.step(frame, "with_users", {name: whole})


def without(words: Words, frame: Frame, name: str) -> Frame:
    """Return a frame without one of its columns."""
    left = [each for each in words.names(frame) if each != name]
    return words.chosen(frame, {each: words.column(frame, each) for each in left})


def _escaped(words: Words, text: Any) -> Any:
    return words.replaced(words.replaced(text, "\\", "\\\\"), SEPARATOR, f"\\{SEPARATOR}")
