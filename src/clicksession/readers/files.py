"""Find and open sources through fsspec: the only module that imports it."""

import glob
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from typing import Any, BinaryIO, cast

from fsspec.core import url_to_fs

from clicksession.errors import MissingExtraError, ParameterError, SourceNotFoundError
from clicksession.readers.compression import Decompressed
from clicksession.readers.endpoints import AZURE, GCS, S3, require_answer
from clicksession.readers.explained import explained, look
from clicksession.readers.patience import PAUSES, patiently
from clicksession.readers.steady import SteadyFile
from clicksession.secrets import secrets_in, without_secrets

__all__ = ["Source", "find_sources", "written"]

Location = str | os.PathLike[str]

# The libraries of these try again by themselves.
_PATIENT = (*GCS, *S3, *AZURE)

# What each store calls it, best first: a checksum, an etag, the time of the last change.
_VERSION_KEYS = ("md5Hash", "crc32c", "ETag", "etag", "mtime", "LastModified", "last_modified")
_BUFFER_BYTES = 2**18

# Protocol to package and extra, for stores that need more than the core brings.
_EXTRAS = {
    **dict.fromkeys(S3, ("s3fs", "s3")),
    **dict.fromkeys(AZURE, ("adlfs", "azure")),
}


@dataclass(frozen=True)
class Source:
    """One file or object that can be opened.

    Attributes
    ----------
    name
        Its address as it may be shown in messages: without any secret.
    """

    name: str
    _path: str = field(repr=False)
    _filesystem: Any = field(repr=False)
    _secrets: frozenset[str] = field(repr=False)
    _pauses: tuple[float, ...] = field(repr=False)

    def size_and_version(self) -> tuple[int, str]:
        """Return how large it is and what changes with its content, as far as the store says.

        A size of -1, or an empty version, stands for what the store does not say.
        """
        with explained(self.name, self._secrets, (Exception,)):
            info = patiently(partial(self._filesystem.info, self._path), self._pauses)
        version = next((info[key] for key in _VERSION_KEYS if info.get(key)), "")
        return int(info.get("size") or -1), str(version)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the decompressed bytes; what goes wrong names the source and shows no secret."""
        with self.opened() as raw:
            yield cast(BinaryIO, Decompressed(raw))

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the bytes as they are, for those who want to seek."""
        can_stream = "http" in _protocols(self._filesystem)
        file = SteadyFile(self._opened, self.name, self._secrets, self._pauses, can_stream)
        try:
            yield cast(BinaryIO, io.BufferedReader(file, _BUFFER_BYTES))
        finally:
            file.close()

    def _opened(self, streams: bool) -> Any:
        options = {"block_size": 0} if streams else _caching(self._filesystem)
        return self._filesystem.open(self._path, "rb", **options)


@contextmanager
def written(
    url: str | os.PathLike[str], storage_options: Mapping[str, object] | None
) -> Iterator[BinaryIO]:
    """Open a file or object to be written; an error leaves no secret in its message."""
    location, options = os.fspath(url), storage_options or {}
    secrets = secrets_in(location, options)
    with explained(without_secrets(location), secrets, (Exception,)):
        filesystem, path = _filesystem(location, options)
        with filesystem.open(path, "wb") as file:
            yield file


def find_sources(
    source: Location | Iterable[Location], storage_options: Mapping[str, object] | None = None
) -> list[Source]:
    """Return the files that a path, URL, pattern or list of these leads to, in a stable order.

    Files of one pattern come sorted by name; those of a list in the order of the list.

    Raises
    ------
    SourceNotFoundError
        A location leads to no file.
    ReadError
        The protocol is unknown, or the store refuses or does not answer.
    """
    locations = [source] if isinstance(source, str | os.PathLike) else source
    if not isinstance(locations, Iterable):
        must = "a path, a URL, a pattern, or a list of these"
        raise ParameterError("read_events", "source", must, source)
    return [
        found
        for location in locations
        for found in _find(os.fspath(location), storage_options or {})
    ]


def _find(url: str, options: Mapping[str, object]) -> list[Source]:
    secrets = secrets_in(url, options)
    name = without_secrets(url)
    protocol = url.split("://")[0] + "://" if "://" in url else ""
    pauses = () if _store_of(url) in _PATIENT else PAUSES
    with explained(name, secrets, (Exception,)):
        filesystem, path = patiently(partial(_filesystem, url, options), pauses)
        # A question mark in an HTTP URL begins its query: it is no pattern.
        if glob.has_magic(path) and not protocol.startswith("http"):
            # A listing from an earlier call would hide the files that came since.
            filesystem.invalidate_cache()
            paths = sorted(p for p in filesystem.glob(path) if not filesystem.isdir(p))
            missing = "no file matches this pattern"
        elif url.endswith("/") or (not protocol and os.path.isdir(path)):
            filesystem.invalidate_cache()
            paths = sorted(p for p in filesystem.find(path) if _is_data(p, path))
            missing = "there is no file in this folder"
        else:
            return [Source(name, path, filesystem, secrets, pauses)]
        if not paths:
            raise SourceNotFoundError(name, missing, look(protocol))
        return [
            Source(_name_of(found, url, filesystem), found, filesystem, secrets, pauses)
            for found in paths
        ]


def _is_data(path: str, folder: str) -> bool:
    """Say whether a file of a folder is data: not ``_SUCCESS``, ``.crc`` and their like."""
    below = path[len(folder) :].replace(os.sep, "/").split("/")
    return not any(part.startswith(("_", ".")) for part in below if part)


def _name_of(path: str, url: str, filesystem: Any) -> str:
    """Return the address of one file that a pattern or folder led to."""
    first, chained, rest = url.partition("::")
    if chained:
        return without_secrets(f"{first.partition('://')[0]}://{path}::{rest}")
    return without_secrets(filesystem.unstrip_protocol(path) if "://" in url else path)


def _store_of(url: str) -> str:
    """Return the protocol by which the bytes come: the last one of a chained URL."""
    return url.rpartition("::")[2].split("://")[0]


def _filesystem(url: str, options: Mapping[str, object]) -> tuple[Any, str]:
    protocol, store = url.split("://")[0], _store_of(url)
    package, extra = _EXTRAS.get(store, ("", ""))
    if package and find_spec(package) is None:
        raise MissingExtraError(f"reading {protocol}://", package, extra)
    of_store = options.get(store)
    require_answer(store, of_store if isinstance(of_store, Mapping) else options)
    emulated = "endpoint_url" in options or "STORAGE_EMULATOR_HOST" in os.environ
    if protocol in GCS and emulated:
        # The class that "gs" stands for asks a bucket for its type over gRPC, at Google's own
        # address; another endpoint has no such service, and the question hangs for a minute.
        from gcsfs.core import GCSFileSystem

        filesystem = GCSFileSystem(**options)
        return filesystem, filesystem._strip_protocol(url)
    return cast(tuple[Any, str], url_to_fs(url, **options))


def _caching(filesystem: Any) -> dict[str, str]:
    """Return how a file of this store is to be read ahead."""
    # What gcsfs does otherwise, fetching in the background, keeps Ctrl-C waiting for ten seconds
    # where the store has stopped answering.
    return {"cache_type": "readahead"} if "gs" in _protocols(filesystem) else {}


def _protocols(filesystem: Any) -> tuple[str, ...]:
    protocols = filesystem.protocol
    return (protocols,) if isinstance(protocols, str) else tuple(protocols)
