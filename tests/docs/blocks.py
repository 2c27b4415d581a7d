"""The Python of a Markdown page, block by block, and what it says that the block prints."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

_FENCE = re.compile(
    r"^(?P<indent>[ ]*)(?P<ticks>`{3,})(?P<info>[^\n`]*)\n"
    r"(?P<content>(?:.*\n)*?)"
    r"(?P=indent)(?P=ticks)[ ]*$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Fence:
    """One fenced block: its info string, its text, and the lines of the page that it takes."""

    info: str
    content: str
    first_line: int
    last_line: int


@dataclass(frozen=True)
class Block:
    """One block of Python: its code, the line it begins in, and what it is said to print."""

    code: str
    line: int
    runs: bool
    prints: str | None


def blocks(page: Path) -> list[Block]:
    """Return every block of Python on a page."""
    return list(_blocks(page.read_text(encoding="utf-8")))


def difference(said: str, printed: str) -> str | None:
    """Return the first line that is not as the page says, or None.

    White space at the ends of lines does not count. ``…`` or ``...`` stands for anything within
    its line; alone on a line, for any number of lines.
    """
    expected, actual = (text.rstrip().splitlines() for text in (said, printed))
    pattern = "".join(map(_pattern, expected))
    if re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in actual)):
        return None
    for count, line in enumerate(expected, 1):
        begin = "".join(map(_pattern, expected[:count]))
        if not re.match(begin, "".join(f"{line.rstrip()}\n" for line in actual)):
            return f"no line for {line.strip()!r}"
    return "more lines than the page shows"


def _blocks(text: str) -> Iterator[Block]:
    fences = list(_fences(text))
    for fence, following in pairwise([*fences, None]):
        assert fence is not None
        language, *options = fence.info.split() or [""]
        if language != "python":
            continue
        assert options in ([], ["no-run"]), f"line {fence.first_line}: what is {fence.info!r}?"
        follows = following is not None and following.info.strip() == "text"
        between = _between(text, fence, following) if following else "nothing"
        prints = following.content if following and follows and not between.strip() else None
        yield Block(fence.content, fence.first_line + 1, not options, prints)


def _fences(text: str) -> Iterator[Fence]:
    for match in _FENCE.finditer(text):
        first, last = (text.count("\n", 0, place) + 1 for place in match.span())
        yield Fence(match["info"].strip(), textwrap.dedent(match["content"]), first, last)


def _between(text: str, fence: Fence, following: Fence) -> str:
    return "\n".join(text.splitlines()[fence.last_line : following.first_line - 1])


def _pattern(line: str) -> str:
    if line.strip() in ("…", "..."):
        return r"(?:.*\n)*?"
    parts = re.split(r"…|\.\.\.", line.rstrip())
    return ".*?".join(map(re.escape, parts)) + r"\n"
