"""The reference shows what users call, each with an example that runs, and nothing from within."""

import dataclasses
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
_SHOWN = re.compile(r"^::: (\S+)\n((?:    .*\n)*)", re.MULTILINE)
# Modules as wholes.
_MODULES = {"clicksession.errors"}
# What a plug-in fills in; the suite that it runs against itself is the example.
_CONTRACTS = {"clicksession.sql.dialects.base.Dialect", "clicksession.readers.base.Reader"}


def _shown() -> Iterator[tuple[str, list[str] | None]]:
    """Yield what the pages show, and of each the members that they name; None for all."""
    for page in sorted((ROOT / "docs/reference").glob("*.md")):
        for path, options in _SHOWN.findall(page.read_text(encoding="utf-8") + "\n"):
            named = re.search(r"members: \[(.*)\]", options)
            yield path, named and [name for name in re.split(r",\s*", named[1]) if name]


def _found(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def _documented() -> Iterator[tuple[str, Any]]:
    for path, named in _shown():
        if path in _CONTRACTS:
            continue
        if path in _MODULES:
            module = import_module(path)
            yield from ((f"{path}.{name}", getattr(module, name)) for name in module.__all__)
            continue
        found = _found(path)
        yield path, found
        if inspect.isclass(found):
            names = [name for name in _methods(found) if named is None or name in named]
            yield from ((f"{path}.{name}", getattr(found, name)) for name in names)


def _methods(found: type) -> list[str]:
    """Return the public methods that a class has of its own. Fields and properties are values."""
    return [
        name
        for name, member in vars(found).items()
        if not name.startswith("_")
        and (inspect.isfunction(member) or isinstance(member, classmethod | staticmethod))
    ]


DOCUMENTED = dict(_documented())


@pytest.mark.parametrize("path", DOCUMENTED)
def test_it_has_an_example_that_runs(path: str) -> None:
    text = inspect.getdoc(DOCUMENTED[path]) or ""
    assert ">>> " in text, f"{path} has no example"


def test_members_that_the_reference_names_are_there() -> None:
    missing = [
        f"{path}.{name}"
        for path, named in _shown()
        for name in named or ()
        if not hasattr(_found(path), name)
        and name not in {field.name for field in dataclasses.fields(_found(path))}
    ]
    assert missing == []


def test_much_is_documented() -> None:
    assert len(DOCUMENTED) > 90
