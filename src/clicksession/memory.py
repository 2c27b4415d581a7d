"""How much memory a process has, and how much of it a part of the library is to use."""

import os
import re
from pathlib import Path

from clicksession.errors import ParameterError

__all__ = ["as_bytes", "usual_memory"]

# More than this for rows that wait makes nothing faster.
_ENOUGH = 512 * 2**20
_SHARE = 8

_UNITS = {"": 1, "b": 1} | {
    f"{letter}{infix}b": base**power
    for power, letter in enumerate("kmgt", 1)
    for infix, base in (("", 1000), ("i", 1024))
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([a-z]*)")

# Where a container's limit stands, by the two versions of control groups.
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def as_bytes(size: int | str, *, who: str, parameter: str) -> int:
    """Return a size as a number of bytes.

    Raises
    ------
    ParameterError
        It is no size, or none at all.

    Examples
    --------
    >>> as_bytes("1.5 GB", who="run", parameter="memory")
    1500000000
    """
    if isinstance(size, int) and not isinstance(size, bool) and size > 0:
        return size
    found = _SIZE.fullmatch(size.strip().lower()) if isinstance(size, str) else None
    if found is None or found[2] not in _UNITS or float(found[1]) <= 0:
        must = "a number of bytes, or a size with its unit, such as '512MB' or '2GiB'"
        raise ParameterError(who, parameter, must, size)
    return max(1, int(float(found[1]) * _UNITS[found[2]]))


def usual_memory() -> int:
    """Return how many bytes rows that wait may take, unless the user says otherwise.

    An eighth of what the machine has, or of what the control group of a container allows, and
    never more than 512 MiB.
    """
    return min(_ENOUGH, *(there // _SHARE for there in _there()))


def _there() -> list[int]:
    """Return the bytes that this process could have, by all who set a limit."""
    return [size for size in (_of_machine(), *map(_allowed, _LIMITS)) if size]


def _of_machine() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        # Not known on this system.
        return _ENOUGH * _SHARE


def _allowed(limit: str) -> int:
    try:
        text = Path(limit).read_text().strip()
    except OSError:
        return 0
    return int(text) if text.isdigit() else 0
