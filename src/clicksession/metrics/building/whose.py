"""Which columns of a frame say whose an event is, and when it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clicksession.errors import ParameterError
from clicksession.labels import require_column
from clicksession.windows.users import as_users

__all__ = ["Columns"]


@dataclass(frozen=True)
class Columns:
    """What `user` and `time` of a caller name.

    Attributes
    ----------
    user
        One column, or several that make a user together.
    time
        One column.
    """

    user: str | Sequence[str] = "user_id"
    time: str = "timestamp"

    def check_left_out(self) -> None:
        """Refuse names where there is no frame: tables have their own.

        Raises
        ------
        ParameterError
            They are given.
        """
        for name, usual in (("user", "user_id"), ("time", "timestamp")):
            if getattr(self, name) != usual:
                must = "left out for a database, whose tables have names of their own"
                raise ParameterError("compute", name, must, getattr(self, name))

    @property
    def sources(self) -> list[str]:
        """The columns that users and times are made of, but for those that are called so."""
        named = [*as_users(self.user, who="compute"), self.time]
        return [name for name in named if name not in ("user_id", "timestamp")]

    def named(self, rows: Any) -> Any:
        """Return a table of Arrow with its users in ``user_id`` and its times in ``timestamp``.

        What else it has under these names gives way; the columns stay under their own names, too.

        Raises
        ------
        ParameterError
            One of them is not there, or users are neither text nor whole numbers.
        """
        users = as_users(self.user, who="compute")
        for parameter, name in (*(("user", each) for each in users), ("time", self.time)):
            _check_there(parameter, name, rows.column_names)
        whole = rows[users[0]] if len(users) == 1 else _users_of(rows, users)
        found = {"user_id": whole, "timestamp": rows[self.time]}
        for name, values in found.items():
            if name in rows.column_names:
                rows = rows.set_column(rows.column_names.index(name), name, values)
            else:
                rows = rows.append_column(name, values)
        return rows


def _check_there(parameter: str, name: str, known: Sequence[str]) -> None:
    if name in known:
        return
    if (parameter, name) in (("user", "user_id"), ("time", "timestamp")):
        must = "a frame with the columns 'user_id' and 'timestamp'"
        hint = f"Where it is called otherwise, say so: {parameter}='…'."
        raise ParameterError("compute", "data", must, f"no column {name!r}", hint)
    require_column(list(known), name, "compute", parameter)


def _users_of(rows: Any, users: Sequence[str]) -> Any:
    from clicksession.engines.frames.arrow import Arrow
    from clicksession.engines.users import users_of

    return users_of(Arrow().face(rows, users), users, who="compute")
