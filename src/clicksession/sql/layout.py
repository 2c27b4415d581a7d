"""Lay out compiled SQL as a person would: one clause a line, and no line too long.

Works on tokens, so that nothing inside quotes is ever touched.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import takewhile

__all__ = ["laid_out"]

_WIDTH = 100
_INDENT = "    "
_NAME = re.compile(r"[\w.\"`\[\]]+")
_CLAUSES = (
    *("SELECT", "FROM", "WHERE", "GROUP BY", "HAVING", "QUALIFY", "ORDER BY", "LIMIT", "OFFSET"),
    *("FETCH", "UNION", "INTERSECT", "EXCEPT", "SETTINGS"),
)
_JOIN_KINDS = ("LEFT OUTER", "FULL OUTER", "LEFT JOIN", "INNER JOIN", "CROSS JOIN", "JOIN")
_COMPARISONS = ("=", "<", ">", "<=", ">=", "<>", "!=", "IS", "IN", "LIKE", "BETWEEN")
_BEFORE_JOIN = ("OUTER", "LEFT", "INNER", "CROSS")
_WINDOW = ("PARTITION BY", "ORDER BY", "ROWS BETWEEN")
_NO_FUNCTIONS = frozenset(
    (
        *("AND", "AS", "BY", "ELSE", "FROM", "GROUP", "IN", "NOT", "ON", "OR"),
        *("OVER", "SELECT", "THEN", "WHEN", "WHERE"),
    )
)

# What stands between parentheses is one item.
_Item = str | list["_Item"]
_Items = Sequence["_Item"]


def laid_out(text: str, *, backslash_escapes: bool = False, joins_rename: bool = False) -> str:
    r"""Return the statement with line breaks and indentation, and no word changed that counts.

    ``events.user_id AS user_id`` is written without its tautology, and a condition of a ``CASE``
    without its parentheses.

    Parameters
    ----------
    text
        One statement.
    backslash_escapes
        Whether a backslash in a text keeps a quote behind it from ending the text.
    joins_rename
        Whether columns keep their names in a join only where ``AS`` says so, tautology or not.

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
    words = (word for word in _word(backslash_escapes).findall(text) if not word.isspace())
    return "\n".join(_query(list(_tidied(_tree(words), joins_rename))))


@cache
def _word(backslash_escapes: bool) -> re.Pattern[str]:
    """Return what matches a word; white space, commas and parentheses stand alone.

    A word may be partly quoted: ``events."user id"``.
    """
    text = r"'(?:[^'\\]|\\.|'')*'" if backslash_escapes else "'(?:[^']|'')*'"
    names = r'"(?:[^"]|"")*"|`(?:[^`\\]|``|\\.)*`|\[(?:[^\]]|\]\])*\]'
    return re.compile(rf"""(?:{text}|{names}|[^\s(),'"`\[])+|[(),]|\s+""", re.DOTALL)


def _tree(words: Iterator[str]) -> list[_Item]:
    items: list[_Item] = []
    for word in words:
        if word == ")":
            break
        items.append(_tree(words) if word == "(" else word)
    return items


def _tidied(items: _Items, joins_rename: bool) -> Iterator[_Item]:
    """Give the items without ``AS`` tautologies and without parentheses between WHEN and THEN."""
    keeps = joins_rename and "JOIN" in items
    position = 0
    while position < len(items):
        item, before = items[position], items[position - 1] if position else ""
        after = items[position + 1] if position + 1 < len(items) else ""
        position += 1
        if isinstance(item, list):
            inner = list(_tidied(item, joins_rename))
            if before == "WHEN" and after == "THEN" and not _is_query(inner):
                yield from inner
            else:
                yield inner
            continue
        yield item
        if (
            not keeps
            and after == "AS"
            and position + 1 < len(items)
            and _column(item) == items[position + 1]
        ):
            position += 2


def _column(word: str) -> str | None:
    table, dot, column = word.rpartition(".")
    return column if dot and table else None


def _is_query(items: _Items) -> bool:
    return bool(items) and items[0] in ("SELECT", "WITH")


def _query(items: _Items) -> list[str]:
    """Return the lines of a query."""
    if items[0] == "WITH":
        return _with(items)
    lines: list[str] = []
    for clause in _cut(items, _CLAUSES):
        lines += _clause(clause)
    return lines


def _with(items: _Items) -> list[str]:
    """Return the lines of the steps, and of the query that follows them."""
    end = next(n for n, item in enumerate(items) if n and item == "SELECT")
    lines: list[str] = []
    for number, step in enumerate(_split(items[1:end])):
        *name, query = step
        assert isinstance(query, list)
        if number:
            lines[-1] += ","
        lines.append(("" if number else "WITH ") + _flat(name) + " (")
        lines += [_INDENT + line for line in _query(query)]
        lines.append(")")
    return lines + _query(items[end:])


def _clause(items: _Items) -> list[str]:
    if items[0] == "SELECT":
        return _select(items)
    if items[0] == "FROM":
        return [line for part in _cut(items, _JOIN_KINDS) for line in _joined(part)]
    return _broken(items)


def _joined(items: _Items) -> list[str]:
    """Return the lines of one table of a FROM, with what joins it."""
    if "ON" not in items or _fits(_flat(items), 0):
        return _broken(items)
    on = list(items).index("ON")
    conditions = [line for part in _conditions(items[on:]) for line in _broken(part, 1)]
    return [*_broken(items[:on]), *(_INDENT + line for line in conditions)]


def _select(items: _Items) -> list[str]:
    """Return the lines of a SELECT: one column upon one line, several on lines of their own."""
    words = list(takewhile(lambda item: item in ("SELECT", "DISTINCT"), items))
    if items[len(words)] == "TOP":
        words += [str(word) for word in items[len(words) : len(words) + 2]]
    columns = _split(items[len(words) :])
    head = _flat(words)
    if len(columns) == 1 and _fits(f"{head} {_flat(columns[0])}", 0) and not _has_query(columns[0]):
        return [f"{head} {_flat(columns[0])}"]
    return [head, *_listed(columns)]


def _listed(parts: list[list[_Item]]) -> list[str]:
    """Return parts as indented lines with commas between."""
    lines: list[str] = []
    for number, part in enumerate(parts):
        block = _broken(part, 1)
        if number < len(parts) - 1:
            block[-1] += ","
        lines += [_INDENT + line for line in block]
    return lines


def _broken(items: _Items, depth: int = 0) -> list[str]:
    """Return an expression or clause on one line if it fits, else broken where it means least."""
    flat = _flat(items)
    if _fits(flat, depth) and not _has_query(items):
        return [flat]
    if (
        len(items) > 2
        and items[-2] == "AS"
        and _fits(_flat(items[:-2]), depth)
        and not _has_query(items)
    ):
        return [_flat(items[:-2]), _INDENT + _flat(items[-2:])]
    if "," in items:
        words = list(takewhile(lambda item: item in ("PARTITION", "GROUP", "ORDER", "BY"), items))
        return [*([_flat(words)] if words else []), *_listed(_split(items[len(words) :]))]
    parts = _cut(items, ("THEN",)) if "THEN" in items and items[0] == "WHEN" else _conditions(items)
    if len(parts) == 1 and items[0] not in (*_CLAUSES, "CASE"):
        parts = _terms(items, depth)
    if len(parts) > 1:
        first, *rest = parts
        return _broken(first, depth) + [
            _INDENT + line for part in rest for line in _broken(part, depth + 1)
        ]
    if items[0] == "CASE" and "END" in items:
        return _case(items, depth)
    if items[0] in ("THEN", "ELSE", "DISTINCT") and items[1:2] == ["CASE"]:
        opened, *branches = _case(items[1:], depth)
        return [f"{items[0]} {opened}", *branches]
    groups = [n for n, item in enumerate(items) if isinstance(item, list) and item]
    if not groups:
        return [flat]
    widest = max(groups, key=lambda n: (_has_query([items[n]]), len(_flat([items[n]]))))
    return _opened(items, widest, depth)


def _opened(items: _Items, at: int, depth: int) -> list[str]:
    """Return an expression with what stands between one pair of parentheses on lines of its own."""
    group = items[at]
    assert isinstance(group, list)
    before = _headed(items[:at], depth)
    behind = items[at + 1 :]
    tail = (")" if behind[:1] == [","] else ") ") + _flat(behind) if behind else ")"
    if _is_query(group):
        inner = _query(group)
    elif _starts(group, 0, _WINDOW):
        inner = [line for part in _cut(group, _WINDOW) for line in _broken(part, depth + 1)]
    elif len(parts := _split(group)) > 1:
        return [*before, *_listed(parts), *_tail(tail, behind, depth)]
    else:
        inner = _broken(group, depth + 1)
    return [*before, *(_INDENT + line for line in inner), *_tail(tail, behind, depth)]


def _headed(items: _Items, depth: int) -> list[str]:
    """Return what stands before a parenthesis, and that, itself broken where it does not fit."""
    opened = _flat([*items, []])[:-1]
    if _fits(opened, depth) or not any(isinstance(item, list) for item in items):
        return [opened]
    *lines, last = _broken(items, depth)
    return [*lines, last + opened.removeprefix(_flat(items))]


def _tail(tail: str, behind: _Items, depth: int) -> list[str]:
    """Return what follows the closing parenthesis, itself broken where it does not fit."""
    if _fits(tail, depth) or not any(isinstance(item, list) for item in behind):
        return [tail]
    first, *rest = _broken(behind, depth)
    return [f") {first}", *rest]


def _case(items: _Items, depth: int) -> list[str]:
    end = len(items) - 1 - list(reversed(items)).index("END")
    lines = ["CASE"]
    for branch in _cut(items[1:end], ("WHEN", "ELSE")):
        lines += [_INDENT + line for line in _broken(branch, depth + 1)]
    return [*lines, _flat(items[end:])]


def _conditions(items: _Items) -> list[list[_Item]]:
    """Return what stands between the ANDs or ORs at the top; ORs before ANDs, no BETWEEN cut."""
    for joint in ("OR", "AND"):
        parts: list[list[_Item]] = [[]]
        between = depth = 0
        for position, item in enumerate(items):
            depth += (item == "CASE") - (item == "END")
            between += item == "BETWEEN"
            if position and item == joint and not depth and not (joint == "AND" and between):
                parts.append([])
            elif item == "AND" and between:
                between -= 1
            parts[-1].append(item)
        if len(parts) > 1:
            return parts
    return [list(items)]


def _terms(items: _Items, depth: int) -> list[list[_Item]]:
    """Return what stands between the operators that bind least.

    Not where one part alone is too long: that one is broken, with the rest beside it.
    """
    if any(item in _COMPARISONS for item in items if isinstance(item, str)):
        return [list(items)]
    for operators in (("||",), ("+", "-"), ("*", "/")):
        parts = _cut(items, operators)
        if len(parts) > 1 and items[0] not in operators:
            too_long = sum(not _fits(_flat(part), depth + 1) for part in parts)
            return [list(items)] if too_long == 1 else parts
    return [list(items)]


def _cut(items: _Items, starts: Sequence[str]) -> list[list[_Item]]:
    """Return the items in parts, each of which begins with one of these words."""
    parts: list[list[_Item]] = []
    depth = 0
    for position, item in enumerate(items):
        depth += (item == "CASE") - (item == "END")
        within = item == "JOIN" and position and items[position - 1] in _BEFORE_JOIN
        if not parts or (not depth and not within and _starts(items, position, starts)):
            parts.append([])
        parts[-1].append(item)
    return parts


def _starts(items: _Items, position: int, starts: Sequence[str]) -> bool:
    following = items[position + 1] if position + 1 < len(items) else ""
    return items[position] in starts or f"{items[position]} {following}" in starts


def _split(items: _Items) -> list[list[_Item]]:
    """Return what stands between commas."""
    parts: list[list[_Item]] = [[]]
    for item in items:
        if item == ",":
            parts.append([])
        else:
            parts[-1].append(item)
    return parts


def _has_query(items: _Items) -> bool:
    """Say whether a query stands within: a short one to look something up in may share the line."""
    return any(
        isinstance(item, list)
        and (_has_query(item) or (_is_query(item) and items[number - 1] not in ("IN", "EXISTS")))
        for number, item in enumerate(items)
    )


def _fits(text: str, depth: int) -> bool:
    # Two levels for the step and its columns, and a comma.
    return len(text) + len(_INDENT) * (depth + 1) <= _WIDTH


def _flat(items: _Items) -> str:
    """Return the items on one line."""
    text = ""
    before: _Item = ""
    for item in items:
        word = f"({_flat(item)})" if isinstance(item, list) else item
        glued = not text or item == "," or (isinstance(item, list) and _is_call(before))
        text += word if glued else f" {word}"
        before = item
    return text


def _is_call(before: _Item) -> bool:
    """Say whether a parenthesis belongs to what stands before it: a function, or another one."""
    if isinstance(before, list):
        return True  # quantileExactInclusive(0.5)(x)
    return bool(_NAME.fullmatch(before)) and before not in _NO_FUNCTIONS
