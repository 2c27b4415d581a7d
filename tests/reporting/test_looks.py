"""What a page asks for and how it looks, as far as its text tells: contrast, headings, heads."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.reporting import page as page_module
from tests.reporting.pages import Element, Page
from tests.reporting.targets import hostile

STYLE = (Path(page_module.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
# What stands on what, and how many times lighter one of both must be: WCAG 2.2, 1.4.3 and 1.4.11.
PAIRS = [
    *(("text", "page", 4.5), ("text", "card", 4.5), ("quiet", "page", 4.5), ("quiet", "card", 4.5)),
    *(("link", "page", 4.5), ("link", "card", 4.5), ("mark", "card", 4.5), ("text", "track", 4.5)),
    *(("on-light", f"shade-{shade}", 4.5) for shade in range(4)),
    *(("on-strong", f"shade-{shade}", 4.5) for shade in (4, 5)),
    *(("bar", "card", 3.0), ("bar", "track", 3.0)),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    engine = sa.create_engine(f"duckdb:///{tmp_path_factory.mktemp('looks') / 'shop.duckdb'}")
    hostile(engine)
    return Page(cs.report(engine).html)


def _schemes() -> dict[str, dict[str, str]]:
    """Return the colours by name, of each scheme."""
    roots = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    found = [dict(re.findall(r"--([\w-]+): (#\w{6});", root)) for root in roots]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_contrast_is_enough(scheme: str, front: str, back: str, least: float) -> None:
    colours = _schemes()[scheme]
    light, dark = sorted((_luminance(colours[front]), _luminance(colours[back])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least


def test_every_colour_is_a_variable_of_every_scheme() -> None:
    schemes = _schemes()
    assert schemes["light"].keys() == schemes["dark"].keys() == schemes["print"].keys()
    assert set(re.findall(r"var\(--([\w-]+)\)", STYLE)) <= schemes["light"].keys()
    assert re.findall(r"#\w{3,8}\b", re.sub(r":root \{.*?\}", "", STYLE, flags=re.DOTALL)) == []


def test_nothing_is_asked_for_elsewhere(page: Page) -> None:
    for element in _elements(page.root):
        assert element.name not in ("script", "img", "iframe", "object", "embed", "base")
        for name, value in element.attributes.items():
            assert not name.startswith("on"), element
            assert name != "style", element
            if name in ("src", "href", "srcset", "action", "xlink:href"):
                assert (value or "").startswith("#") or value == "data:,"
    assert re.findall(r"url\(|@import|@font-face", STYLE) == []
    (policy,) = page.root.all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert (policy.attributes["content"] or "").startswith("default-src 'none'; style-src 'sha256-")


def test_headings_and_landmarks_are_in_order(page: Page) -> None:
    levels = [int(e.name[1]) for e in _elements(page.root) if re.fullmatch(r"h[1-6]", e.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - before <= 1 for before, later in pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.root.all(landmark)) == 1
    ids = [e.attributes["id"] for e in _elements(page.root) if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    named = [e.attributes.get("aria-labelledby") or "" for e in _elements(page.root)]
    assert {one for names in named for one in names.split()} <= set(ids)
    links = [each.attributes["href"] or "" for each in page.root.all("a")]
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_tables_and_pictures_say_what_they_are(page: Page) -> None:
    tables = page.root.all("table")
    assert len(tables) > 5
    for table in tables:
        assert table.all("caption")[0].text
        assert all(head.attributes.get("scope") in ("col", "row") for head in table.all("th"))
    pictures = page.root.all("svg", role="img")
    assert len(pictures) == 2
    for picture in pictures:
        assert picture.all("title")[0].text
        assert picture.all("desc")[0].text
    for answer in page.answers.values():
        if answer.element.all("svg", role="img"):
            assert answer.rows  # The numbers, for those who do not see it.


def _elements(root: Element) -> Iterator[Element]:
    for child in root.children:
        if isinstance(child, Element):
            yield child
            yield from _elements(child)
