"""Open files and objects through fsspec: the only module that imports it."""

import io
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec
from typing import Any, BinaryIO, cast

import fsspec
from fsspec.core import url_to_fs

from clicksession.errors import MissingExtraError
from clicksession.readers.sources.compression import Decompressed
from clicksession.readers.sources.endpoints import AZURE, GCS, S3, require_answer
from clicksession.readers.sources.errors import explained
from clicksession.readers.sources.resuming import SteadyFile
from clicksession.readers.sources.retrying import PAUSES, patiently
from clicksession.secrets import asked_of, secrets_in, without_secrets

__all__ = ["Location", "Source", "located", "protocols", "relative", "written"]

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
    path
        Where it is in its store.
    table
        What kind of table it is, where it is the folder of one, or Iceberg's metadata.
    mark
        What else than its content says what is read of it: rows that its table deleted.
    asked
        Digits that stand for what the query of its address asks for, which no name may show.
    """

    name: str
    path: str = field(repr=False)
    _filesystem: Any = field(repr=False)
    _secrets: frozenset[str] = field(repr=False)
    _pauses: tuple[float, ...] = field(repr=False)
    _options: Mapping[str, object] = field(repr=False, default_factory=dict)
    table: str = ""
    mark: str = ""
    asked: str = ""

    @property
    def identity(self) -> str:
        """What tells it from any other: its whole path, or its address with what a query asks.

        Of one file by two relative paths, or from two folders, it is the same.
        """
        if self.local_path and "::" not in self.name:
            return os.path.abspath(self.local_path)
        return f"{self.name} {self.asked}" if self.asked else self.name

    @property
    def full_path(self) -> str:
        """Its path in its store with all folders; of one in an archive, the archive's before it."""
        archives = [link.partition("://")[2] or link for link in self.name.split("::")[1:]]
        return "/".join([*reversed(archives), self.path])

    @property
    def local_path(self) -> str | None:
        """Where it is on this machine, if it is."""
        local = {"file", "local"}.intersection(protocols(self._filesystem))
        return self.path if local else None

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Raise what goes wrong as an error that names the source and shows no secret."""
        with explained(self.name, self._secrets, (Exception,)):
            yield

    def files(self) -> list[str]:
        """Return the files below it, each by its path from there."""
        with self.explained():
            found = patiently(partial(self._filesystem.find, self.path), self._pauses)
        return sorted(relative(path, self.path) for path in found)

    def below(self, path: str) -> "Source":
        """Return a file below it."""
        first, chained, rest = self.name.partition("::")
        name = f"{first.rstrip('/')}/{path}{chained}{rest}"
        inner = f"{self.path.rstrip('/')}/{path}" if self.path else path
        return replace(self, name=name, path=inner, table="")

    def elsewhere(self, url: str) -> "Source":
        """Return the file at another address, opened with the same options."""
        # As Hadoop writes a local path.
        url = re.sub("^file:/(?!/)", "file:///", url)
        return located(url, self._options)[0]

    def size_and_version(self) -> tuple[int, str]:
        """Return how large it is and what changes with its content, as far as the store says.

        A size of -1, or an empty version, stands for what the store does not say.
        """
        with self.explained():
            info = patiently(partial(self._filesystem.info, self.path), self._pauses)
        version = next((info[key] for key in _VERSION_KEYS if info.get(key)), "")
        return int(info.get("size") or -1), " ".join(filter(None, (str(version), self.mark)))

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the decompressed bytes; what goes wrong names the source and shows no secret."""
        with self.stream() as raw:
            yield cast(BinaryIO, Decompressed(raw))

    def stream(self) -> BinaryIO:
        """Return the bytes as they are, to be sought in, for whoever closes them."""
        can_stream = "http" in protocols(self._filesystem)
        file = SteadyFile(self._opened, self.name, self._secrets, self._pauses, can_stream)
        return cast(BinaryIO, io.BufferedReader(file, _BUFFER_BYTES))

    def _opened(self, streams: bool) -> Any:
        options: dict[str, Any] = {"block_size": 0} if streams else {}
        if not streams and "gs" in protocols(self._filesystem):
            # What gcsfs does otherwise, fetching in the background, keeps Ctrl-C waiting for ten
            # seconds where the store has stopped answering.
            options = {"cache_type": "readahead"}
        return self._filesystem.open(self.path, "rb", **options)


@contextmanager
def written(
    url: str | os.PathLike[str], storage_options: Mapping[str, object] | None
) -> Iterator[BinaryIO]:
    """Open a file or object to be written; an error leaves no file, and no secret in its message.

    A part of a file may look whole.
    """
    location, options = os.fspath(url), storage_options or {}
    secrets = secrets_in(location, options)
    missing = "the folder or bucket that it is to be in does not exist"
    with explained(without_secrets(location), secrets, (Exception,), missing=missing):
        filesystem, path = _filesystem(location, options)
        file = filesystem.open(path, "wb")
        try:
            with file:
                yield file
        except BaseException:
            with suppress(Exception):
                filesystem.rm_file(path)
            raise


def located(url: str, options: Mapping[str, object]) -> tuple[Source, Any]:
    """Return the file that would be at an address, with its filesystem; it is not looked for."""
    secrets, name = secrets_in(url, options), without_secrets(url)
    pauses = () if _store_of(url) in _PATIENT else PAUSES
    with explained(name, secrets, (Exception,)):
        filesystem, path = patiently(partial(_filesystem, url, options), pauses)
    source = Source(name, path, filesystem, secrets, pauses, options, asked=asked_of(url))
    return source, filesystem


def relative(path: str, folder: str) -> str:
    """Return the path of a file from a folder that it is in."""
    return path[len(folder) :].replace(os.sep, "/").strip("/")


def protocols(filesystem: Any) -> tuple[str, ...]:
    """Return what a filesystem answers to: ``("file", "local")``."""
    found = filesystem.protocol
    return (found,) if isinstance(found, str) else tuple(found)


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
    if "://" not in url and "::" in url and os.path.exists(url):
        # A file that is there, and no chain of addresses.
        filesystem = fsspec.filesystem("file", **options)
        return filesystem, filesystem._strip_protocol(url)
    return cast(tuple[Any, str], url_to_fs(url, **options))
