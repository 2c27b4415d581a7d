"""The labels of a frame's columns: what tells one column from another."""

from collections.abc import Iterable

from clicksession.errors import ParameterError, did_you_mean

__all__ = ["require_column", "require_distinct"]


def require_column(known: list[str], name: str, who: str, parameter: str, about: str = "") -> None:
    """Refuse the name of a column that a frame does not have."""
    if name not in known:
        raise ParameterError(
            who,
            parameter,
            f"{about}a column of the frame ({', '.join(known) or 'which has none'})",
            name,
            did_you_mean(name, known),
        )


def require_distinct(labels: Iterable[object], who: str, parameter: str = "events") -> None:
    """Refuse a frame in which two columns have one name; ``0`` and ``"0"`` are one here.

    Which of the two is meant is anyone's guess, and libraries guess differently.
    """
    seen: dict[str, object] = {}
    for label in labels:
        name = str(label)
        if name in seen:
            got = f"two columns called {name!r}"
            if seen[name] != label:
                got = f"the columns {seen[name]!r} and {label!r}, which are one name"
            hint = "Rename or drop one of them."
            raise ParameterError(
                who, parameter, "a frame whose columns have different names", got, hint
            )
        seen[name] = label
