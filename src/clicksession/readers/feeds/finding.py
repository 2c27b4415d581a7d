"""What a user can give as `source`: files and URLs, rows in memory, a quarantine."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import cast

import pandas as pd

from clicksession.errors import ParameterError
from clicksession.readers.feeds.base import Feed
from clicksession.readers.feeds.files import FileFeed, TableFeed
from clicksession.readers.feeds.memory import MemoryFeed
from clicksession.readers.feeds.set_aside import QuarantineFeed
from clicksession.readers.formats.choosing import needs_seeking
from clicksession.readers.options import Options
from clicksession.readers.quarantine import Quarantine
from clicksession.readers.sources.files import Source
from clicksession.readers.sources.memory import is_frame
from clicksession.readers.sources.partitions import Constants, partition_values, typed_values
from clicksession.readers.sources.places import find_sources
from clicksession.readers.sources.tables.files import files_of_table

__all__ = ["EventSource", "Location", "feeds_of", "reads_ahead"]

_NOTHING = object()

Location = str | os.PathLike[str]
EventSource = Location | Quarantine | pd.DataFrame | Iterable[Location | Mapping[str, object]]
"""What can be read; a table of Arrow or Polars too, which types here cannot say."""


def feeds_of(
    source: EventSource, storage_options: Mapping[str, object] | None, who: str
) -> list[Feed]:
    """Return the sources of rows that this leads to, in a stable order.

    Raises
    ------
    ParameterError
        It is none of what can be read.
    SourceNotFoundError, ReadError
        As `find_sources`.
    """
    return _with_partitions(_feeds_of(source, storage_options, who, {}))


def _feeds_of(
    source: EventSource,
    storage_options: Mapping[str, object] | None,
    who: str,
    seen: dict[str, str],
) -> list[Feed]:
    if isinstance(source, str | os.PathLike):
        found = find_sources(source, storage_options, seen)
        return [feed for one in found for feed in _feeds_at(one)]
    if isinstance(source, Quarantine):
        return [feed for group in source.groups() for feed in QuarantineFeed(*group).parts()]
    if is_frame(source):
        return [MemoryFeed(f"the {type(source).__name__}", source)]
    must = "a path, a URL, a pattern, a frame, a Quarantine, dicts, or a list of paths"
    if isinstance(source, Mapping | bytes) or not isinstance(source, Iterable):
        raise ParameterError(who, "source", must, source)
    items = iter(source)
    first = next(items, _NOTHING)
    if first is _NOTHING:
        return []
    everything = chain([first], items)
    if isinstance(first, str | os.PathLike):
        return [
            feed
            for location in everything
            for feed in _feeds_of(cast(Location, location), storage_options, who, seen)
        ]
    if not isinstance(first, Mapping):
        raise ParameterError(who, "source", must, source)
    return [MemoryFeed("the dicts", everything)]


def _feeds_at(source: Source) -> list[Feed]:
    """Return the feeds of what was found at an address: one, but of a table one for each file."""
    if not source.table:
        return [FileFeed(source)]
    root = f"{source.full_path}/"
    return [
        TableFeed(file.source, file.constants, root, rows=file.rows)
        for file in files_of_table(source)
    ]


def _with_partitions(feeds: list[Feed]) -> list[Feed]:
    """Return the feeds with what the folders of their files say, as columns of one type each."""
    said = [_folders_say(feed) for feed in feeds]
    if not any(said):
        return feeds
    return [
        _with_constants(feed, constants) if constants else feed
        for feed, constants in zip(feeds, typed_values(said), strict=True)
    ]


def _with_constants(feed: Feed, constants: Constants) -> Feed:
    assert isinstance(feed, FileFeed | QuarantineFeed)
    # What a table says of its files counts more than the folders that it lies in.
    return cast(Feed, replace(feed, constants={**constants, **feed.constants}))


def _folders_say(feed: Feed) -> dict[str, str | None]:
    if isinstance(feed, QuarantineFeed):
        # The rows came from a file; their bytes say nothing of its folders.
        path = feed.name if "://" in feed.name else os.path.abspath(feed.name)
        return partition_values(path, feed.name)
    if isinstance(feed, TableFeed):
        return partition_values(feed.root, feed.name)
    if isinstance(feed, FileFeed):
        return partition_values(feed.source.full_path, feed.name)
    return {}


def reads_ahead(feed: Feed, options: Options) -> bool:
    """Say whether the bytes of a source are read from their beginning to their end."""
    return isinstance(feed, QuarantineFeed) or (
        isinstance(feed, FileFeed)
        and not isinstance(feed, TableFeed)
        and not needs_seeking(feed.name, options.wanted)
    )
