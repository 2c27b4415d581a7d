"""A page of a report, read as a program reads HTML: which answers, headings, tables it has."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"base", "link", "meta"}


@dataclass
class Element:
    """An element: its name, what it says of itself, and what is in it."""

    name: str
    attributes: dict[str, str | None]
    children: list["Element | str"] = field(default_factory=list)

    def all(self, name: str, **attributes: str) -> list["Element"]:
        """Return the elements of a name below, in order, with these attributes."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                has = all(child.attributes.get(key) == value for key, value in attributes.items())
                found += [child] if child.name == name and has else []
                found += child.all(name, **attributes)
        return found

    def of_class(self, name: str, of: str) -> list["Element"]:
        """Return those below that are of a class."""
        return [each for each in self.all(name) if of in (each.attributes.get("class") or "")]

    @property
    def text(self) -> str:
        """What it says, with white space taken together."""
        parts = (part if isinstance(part, str) else part.text for part in self.children)
        return " ".join(" ".join(parts).split())


@dataclass
class Answer:
    """An answer on a page."""

    element: Element

    @property
    def number(self) -> str:
        return " ".join(each.text for each in self.element.of_class("p", "number"))

    @property
    def sentence(self) -> str:
        return " ".join(each.text for each in self.element.of_class("p", "sentence"))

    @property
    def why_not(self) -> str:
        return " ".join(each.text for each in self.element.of_class("p", "why-not"))

    @property
    def notes(self) -> list[str]:
        return [each.text for each in self.element.of_class("p", "note")]

    @property
    def sql(self) -> str:
        return "\n".join(str(code.children[0]) for code in self.element.all("code"))

    @property
    def rows(self) -> list[list[str]]:
        """The rows of its table, but for the heads."""
        bodies = self.element.all("tbody")
        return [
            [cell.text for cell in row.children if isinstance(cell, Element)]
            for body in bodies
            for row in body.all("tr")
        ]


class Page(HTMLParser):
    """A page; unbalanced elements fail."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]
        self.feed(html)
        self.close()
        assert self._open == [self.root], [each.name for each in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    @property
    def answers(self) -> dict[str, Answer]:
        """The answers by their titles."""
        articles = self.root.all("article")
        found = {article.all("h3")[0].text: Answer(article) for article in articles}
        assert len(found) == len(articles)
        return found
