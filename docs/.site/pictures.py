"""The drawings of the home page and the README: ``python docs/.site/pictures.py``.

Each is made from events that `sessionize` cuts, so that a drawing cannot show what
the library does not do. It is written twice, for light and for dark pages, into
``docs/pictures``; a test says whether the files are those that this program makes.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import pandas as pd

import clicksession as cs

__all__ = ["drawings", "main"]

FOLDER = Path(__file__).parents[1] / "pictures"
_WIDTH, _LEFT, _RIGHT = 520, 20, 20
_DAY = "2024-05-01"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True)
class Ink:
    """The colours of one scheme."""

    text: str
    soft: str
    line: str
    session: str
    band: str
    wrong: str
    wrong_band: str
    paper: str


LIGHT = Ink("#1f2933", "#5b6770", "#b8c2cc", "#00796b", "#d5efeb", "#b3450b", "#fbe6d9", "#ffffff")
DARK = Ink("#e4e8ec", "#aab4be", "#56616d", "#5fd0c0", "#173f3b", "#f2a46f", "#4a2c19", "#1e2129")


@dataclass
class Sheet:
    """A drawing in the making."""

    ink: Ink
    height: int
    title: str
    root: ElementTree.Element = field(init=False)

    def __post_init__(self) -> None:
        box = f"0 0 {_WIDTH} {self.height}"
        namespace = "http://www.w3.org/2000/svg"
        self.root = ElementTree.Element("svg", xmlns=namespace, viewBox=box, role="img")
        self.root.set("width", str(_WIDTH))
        self.root.set("height", str(self.height))
        self.root.set("font-family", _FONT)
        ElementTree.SubElement(self.root, "title").text = self.title

    def text(self, x: float, y: float, words: str, **given: str) -> None:
        """Write words; they are 15 units high, and begin at x, unless told."""
        how = {"font-size": "15", "fill": self.ink.text} | _dashed(given)
        self._add("text", x=x, y=y, **how).text = words

    def line(self, x: float, y: float, to_x: float, to_y: float, **given: str) -> None:
        """Draw a line."""
        how = {"stroke": self.ink.line, "stroke-width": "1.5"} | _dashed(given)
        self._add("line", x1=x, y1=y, x2=to_x, y2=to_y, **how)

    def dot(self, x: float, y: float, fill: str, **given: str) -> None:
        """Draw an event."""
        self._add("circle", cx=x, cy=y, r=5.0, fill=fill, **_dashed(given))

    def band(self, x: float, y: float, to_x: float, height: float, fill: str) -> None:
        """Shade a session."""
        self._add("rect", x=x, y=y, width=to_x - x, height=height, rx=8.0, fill=fill)

    def svg(self) -> str:
        """Return the text of the file."""
        ElementTree.indent(self.root)
        return ElementTree.tostring(self.root, encoding="unicode") + "\n"

    def _add(self, kind: str, **given: float | str) -> ElementTree.Element:
        said = {name: _number(value) for name, value in given.items()}
        return ElementTree.SubElement(self.root, kind, said)


def drawings() -> dict[str, str]:
    """Return the text of each file by its name."""
    made = {}
    for scheme, ink in (("light", LIGHT), ("dark", DARK)):
        made[f"session-{scheme}.svg"] = _a_session_is_made(ink)
        made[f"late-{scheme}.svg"] = _an_event_comes_late(ink)
    return made


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in drawings().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def _a_session_is_made(ink: Ink) -> str:
    sheet = Sheet(ink, 250, "Nine events of one user become three sessions")
    clock = _Clock("10:00", "13:00")
    events = _events("10:05 10:11 10:16", "10:58 11:04 11:15 11:22", "12:28 12:36")
    visits = cs.sessionize(events, timeout="30min")
    sheet.text(_LEFT, 26, "events of one user, by time", fill=ink.soft)
    _axis(sheet, 76, clock, ("10:00", "11:00", "12:00", "13:00"))
    for time in visits["timestamp"]:
        sheet.dot(clock.x(time), 76, ink.session)
    _pauses(sheet, 56, clock, visits)
    sheet.text(_LEFT, 144, "sessions: a pause of more than 30 minutes ends one", fill=ink.soft)
    for row in cs.summarize(visits).itertuples():
        begin, end = clock.x(row.started_at), clock.x(row.ended_at)
        sheet.band(begin - 11, 160, end + 11, 36, ink.band)
        for time in visits.loc[visits["session_id"] == row.session_id, "timestamp"]:
            sheet.dot(clock.x(time), 178, ink.session)
        minutes = f"{row.duration_seconds / 60:.0f} min"
        sheet.text(begin - 11, 219, f"{row.event_count} events", font_weight="600")
        sheet.text(begin - 11, 239, f"{minutes}, {row.start_reason}", fill=ink.soft)
    return sheet.svg()


def _an_event_comes_late(ink: Ink) -> str:
    sheet = Sheet(ink, 254, "One visit around midnight, of which one event comes a night late")
    clock = _Clock("23:36", "24:20")
    first, late, second = _events("23:40 23:48"), _events("23:56"), _events("24:06 24:14")
    visit = pd.concat([first, late, second])
    nights = [first, pd.concat([late, second])]
    sheet.text(_LEFT, 26, "one visit; the event of 23:56 arrives a night late", fill=ink.soft)
    _axis(sheet, 62, clock, ("23:45", "24:00", "24:15"))
    for time in visit["timestamp"]:
        _event(sheet, clock.x(time), 62, time in set(late["timestamp"]), ink.session)
    by_night = [cs.sessionize(load, timeout="30min") for load in nights]
    sheet.text(_LEFT, 134, "a LAG query over each night's load: 2 sessions", fill=ink.soft)
    _sessions(sheet, 144, clock, by_night, (ink.wrong, ink.wrong_band))
    sheet.text(_LEFT, 206, "clicksession, load by load: 1 session", fill=ink.soft)
    _sessions(sheet, 216, clock, [_stored(nights)], (ink.session, ink.band))
    return sheet.svg()


def _stored(loads: list[pd.DataFrame]) -> pd.DataFrame:
    with TemporaryDirectory() as folder:
        target = f"duckdb:///{folder}/visits.duckdb"
        writer = cs.SQLWriter(target, timeout="30min")
        for load in loads:
            writer.write(load)
        return cs.load_events(target)


def _event(sheet: Sheet, x: float, y: float, late: bool, colour: str) -> None:
    if late:
        sheet.dot(x, y, sheet.ink.paper, stroke=colour, stroke_width="2.5")
    else:
        sheet.dot(x, y, colour)


def _sessions(
    sheet: Sheet, y: float, clock: "_Clock", loads: list[pd.DataFrame], colours: tuple[str, str]
) -> None:
    for load in loads:
        for _, session in load.groupby("session_id"):
            times = session["timestamp"]
            sheet.band(clock.x(times.min()) - 11, y, clock.x(times.max()) + 11, 28, colours[1])
            for time in times:
                sheet.dot(clock.x(time), y + 14, colours[0])


def _pauses(sheet: Sheet, y: float, clock: "_Clock", visits: pd.DataFrame) -> None:
    times = list(visits["timestamp"])
    for begin, end in pairwise(times):
        if end - begin <= timedelta(minutes=30):
            continue
        left, right = clock.x(begin) + 12, clock.x(end) - 12
        sheet.line(left, y, right, y, stroke=sheet.ink.wrong)
        for x in (left, right):
            sheet.line(x, y - 5, x, y + 5, stroke=sheet.ink.wrong)
        words = f"{(end - begin).seconds // 60} min"
        middle = (left + right) / 2
        sheet.text(middle, y - 8, words, fill=sheet.ink.wrong, text_anchor="middle")


def _axis(sheet: Sheet, y: float, clock: "_Clock", hours: tuple[str, ...]) -> None:
    sheet.line(_LEFT, y, _WIDTH - _RIGHT, y)
    for hour in hours:
        x = clock.x(_moment(hour))
        sheet.line(x, y + 10, x, y + 16)
        words = hour.replace("24:", "00:")
        sheet.text(x, y + 32, words, fill=sheet.ink.soft, font_size="13", text_anchor="middle")


@dataclass(frozen=True)
class _Clock:
    begin: str
    end: str

    def x(self, time: pd.Timestamp) -> float:
        begin, end = _moment(self.begin), _moment(self.end)
        return _LEFT + (time - begin) / (end - begin) * (_WIDTH - _LEFT - _RIGHT)


def _events(*visits: str) -> pd.DataFrame:
    times = [_moment(time) for visit in visits for time in visit.split()]
    return pd.DataFrame({"user_id": "ann", "timestamp": times})


def _moment(clock: str) -> pd.Timestamp:
    hours, minutes = map(int, clock.split(":"))
    return pd.Timestamp(_DAY, tz="UTC") + timedelta(hours=hours, minutes=minutes)


def _dashed(given: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1f}"


if __name__ == "__main__":
    main()
