"""What CSV means, character by character: slow, and with no block in sight."""

from dataclasses import dataclass

from clicksession.formats import CSV

__all__ = ["Found", "meaning"]

_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "'": "'", '"': '"'}


@dataclass
class Found:
    """The good rows, and the bad ones: the line where each begins, with what stands there."""

    rows: list[tuple[int, list[str | None]]]
    bad: list[tuple[int, str, str]]


def meaning(text: str, form: CSV, width: int, limit: int) -> Found:
    """Return what a text is that has no header, and so many fields in a row."""
    if text and not text.endswith("\n"):
        text += "\n"
    found = Found([], [])
    start = 0
    while start < len(text):
        line = text.count("\n", 0, start) + 1
        physical = text.find("\n", start)
        if form.comment and text.startswith(form.comment, start):
            start = physical + 1
            continue
        end, values, wrong = _record(text, start, form)
        size = len(text[start:end].encode())
        if not wrong and "\n" in text[start:end] and size > limit and form.quote:
            wrong = "open_quote"
        if wrong == "stray_quote" and size > limit:
            wrong = "open_quote"
        if wrong:
            end = physical if form.quote else end
            size = len(text[start:end].encode())
        raw = text[start:end].rstrip("\r")
        if not raw and size <= limit:
            pass
        elif size > limit:
            found.bad.append((line, "too_long", raw))
        elif wrong:
            found.bad.append((line, wrong, raw))
        elif "\0" in raw:
            found.bad.append((line, "nul_bytes", raw))
        elif len(values) != width:
            found.bad.append((line, "field_count", raw))
        else:
            found.rows.append((line, values))
        start = end + 1
    return found


def _record(text: str, start: int, form: CSV) -> tuple[int, list[str | None], str]:
    """Return where the record ends, its values, and what is wrong with it."""
    values: list[str | None] = []
    while True:
        if form.quote and text.startswith(form.quote, start):
            stop, value = _in_quotes(text, start + 1, form)
            if stop < 0:
                return len(text), [], "open_quote"
            values.append(value)
            returns = len(text[stop:]) - len(text[stop:].lstrip("\r"))
            if text.startswith("\n", stop + returns):
                stop += returns
            elif text[stop] not in (form.delimiter, "\n"):
                return stop + returns, [], "stray_quote"
        else:
            stop, value = _bare(text, start, form)
            if stop < 0:
                return len(text) - 1, [], "open_quote"
            values.append(None if value in ("", *form.null_values) else value)
        if text[stop] == "\n":
            bare_return = any(value is _BROKEN for value in values)
            return stop, [] if bare_return else values, ""
        start = stop + 1


_BROKEN = "a carriage return that is not at the end of its line"


def _in_quotes(text: str, place: int, form: CSV) -> tuple[int, str]:
    value = ""
    while place < len(text):
        two = text[place : place + 2]
        if form.escape and two[0] == form.escape:
            if len(two) < 2:
                break
            value += two[1] if two[1] in (form.escape, form.quote) else two
            place += 2
        elif two[0] == form.quote and two[1:] == form.quote:
            value += two[0]
            place += 2
        elif two[0] == form.quote:
            return place + 1, value
        else:
            value += two[0]
            place += 1
    return -1, ""


def _bare(text: str, place: int, form: CSV) -> tuple[int, str]:
    value, is_broken, raw = "", False, ""
    while place < len(text):
        two = text[place : place + 2]
        if form.escape and not form.quote and two[0] == form.escape:
            if len(two) < 2:
                break
            meant = {**_CONTROL, form.delimiter: form.delimiter, form.escape: form.escape}
            value += meant.get(two[1], two[1] if two[1] in "\n\r\t" else two)
            raw += two
            place += 2
            continue
        if two[0] in (form.delimiter, "\n"):
            shown = raw if raw in form.null_values else value
            return place, _BROKEN if is_broken else shown
        if text[place:].lstrip("\r").startswith("\n"):
            place += 1
            continue
        is_broken |= two[0] == "\r"
        value += two[0]
        raw += two[0]
        place += 1
    return -1, ""
