"""Lay out compiled SQL as a person would: one clause a line, one column a line.

Works on tokens, so that nothing inside quotes is ever touched.
"""

import re
from collections.abc import Iterator

__all__ = ["laid_out"]

# A word may be partly quoted (events."user id"); white space, commas and parentheses stand alone.
_WORD = re.compile(r"""(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^\s(),'"`])+|[(),]|\s+""")
_CLAUSES = ("FROM", "WHERE", "HAVING", "LIMIT", "UNION", "GROUP BY", "ORDER BY")
_INDENT = "    "
_NAME = re.compile(r"[\w.]+")
_NO_FUNCTIONS = frozenset(
    (
        *("AND", "AS", "ELSE", "FROM", "GROUP", "IN", "ON", "OR"),
        *("OVER", "SELECT", "THEN", "WHEN", "WHERE"),
    )
)


def laid_out(text: str) -> str:
    """Return the statement with line breaks and indentation, and not one word changed but ``AS``.

    ``events.user_id AS user_id`` is written without its tautology.

    Examples
    --------
    >>> print(laid_out("WITH a AS (SELECT t.x AS x, f(t.y, 1) AS y FROM t) SELECT a.x FROM a"))
    WITH a AS (
        SELECT
            t.x,
            f(t.y, 1) AS y
        FROM t
    )
    SELECT a.x
    FROM a
    """
    words = list(_without_tautologies([word for word in _WORD.findall(text) if not word.isspace()]))
    return _Writer(words).written()


def _without_tautologies(words: list[str]) -> Iterator[str]:
    position = 0
    while position < len(words):
        yield words[position]
        follows = words[position + 1 : position + 3]
        same = len(follows) == 2 and follows[0] == "AS" and _column(words[position]) == follows[1]
        position += 3 if same else 1


def _column(word: str) -> str | None:
    table, dot, column = word.rpartition(".")
    return column if dot and table else None


class _Writer:
    """Writes words one after another, keeping track of the queries they are nested in."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._lines = [""]
        # One entry per open parenthesis: whether a query is in it, and what its SELECT lists.
        self._queries = [True]
        self._lists = [False]

    def written(self) -> str:
        for position, word in enumerate(self._words):
            self._write(word, position)
        return "\n".join(line.rstrip() for line in self._lines if line.strip())

    def _write(self, word: str, position: int) -> None:
        following = self._words[position + 1] if position + 1 < len(self._words) else ""
        in_query = self._queries[-1]
        if word == "(":
            self._append(word, glued=self._is_call(position))
            self._queries.append(following in ("SELECT", "WITH"))
            self._lists.append(False)
        elif word == ")":
            self._queries.pop()
            self._lists.pop()
            if in_query:
                self._break()
            self._append(word, glued=not in_query)
        elif word == "SELECT" and in_query:
            self._break()
            self._append(word)
            self._lists[-1] = self._has_several_columns(position)
            if self._lists[-1] and following != "DISTINCT":
                self._break(1)
        elif in_query and (word in _CLAUSES or f"{word} {following}" in _CLAUSES):
            self._lists[-1] = False
            self._break()
            self._append(word)
        elif word == ",":
            self._append(word, glued=True)
            if in_query and self._lists[-1]:
                self._break(1)
            elif in_query and len(self._queries) == 1 and not self._lists[-1] and following:
                self._break_after_step(position)
        else:
            self._append(word, glued=self._lines[-1].endswith("("))

    def _break_after_step(self, position: int) -> None:
        follows = self._words[position + 2 : position + 4]
        if self._words[position - 1] == ")" and follows == ["AS", "("]:
            self._break()

    def _is_call(self, position: int) -> bool:
        """Say whether a parenthesis belongs to the word before it: a function, or another one."""
        before = self._words[position - 1] if position else ""
        return before == "(" or (bool(_NAME.fullmatch(before)) and before not in _NO_FUNCTIONS)

    def _has_several_columns(self, position: int) -> bool:
        depth = 0
        for word in self._words[position + 1 :]:
            depth += (word == "(") - (word == ")")
            if depth < 0 or (depth == 0 and word == "FROM"):
                return False
            if depth == 0 and word == ",":
                return True
        return False

    def _break(self, deeper: int = 0) -> None:
        level = sum(self._queries) - 1 + deeper
        self._lines.append(_INDENT * level)

    def _append(self, word: str, *, glued: bool = False) -> None:
        line = self._lines[-1]
        space = "" if glued or not line.strip() or line.endswith("(") else " "
        self._lines[-1] = line + space + word
