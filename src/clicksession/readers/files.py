"""Find and open sources through fsspec: the only module that imports it."""

import glob
import io
import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from fsspec.core import url_to_fs

from clicksession.errors import (
    MissingExtraError,
    ParameterError,
    ReadError,
    SourceNotFoundError,
)
from clicksession.readers.compression import Decompressed
from clicksession.secrets import scrub, secrets_in, without_secrets

__all__ = ["Source", "find_sources", "written"]

Location = str | os.PathLike[str]

_GCS = ("gs", "gcs")
_ANSWER_SECONDS = 5.0

# What each store calls it, best first: a checksum, an etag, the time of the last change.
_VERSION_KEYS = ("md5Hash", "crc32c", "ETag", "etag", "mtime", "LastModified", "last_modified")
_BUFFER_BYTES = 2**18

# Protocol to package and extra, for stores that need more than the core brings.
_EXTRAS = {
    **dict.fromkeys(("s3", "s3a"), ("s3fs", "s3")),
    **dict.fromkeys(("az", "abfs", "abfss", "adl"), ("adlfs", "azure")),
}
_STORES = ("gcsfs", "aiohttp", "google", "botocore", "s3fs", "adlfs", "azure")
# While a stream is open, other errors are those of whoever reads it.
_STORE_ERRORS = (OSError, ValueError, ImportError)


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

    def size_and_version(self) -> tuple[int, str]:
        """Return how large it is and what changes with its content, as far as the store says.

        A size of -1, or an empty version, stands for what the store does not say.
        """
        with _explained(self.name, self._secrets, (Exception,)):
            info = self._filesystem.info(self._path)
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
        with _explained(self.name, self._secrets):
            file = self._filesystem.open(self._path, "rb", **_caching(self._filesystem))
        try:
            yield cast(BinaryIO, io.BufferedReader(_Guarded(file, self), _BUFFER_BYTES))
        finally:
            file.close()


class _Guarded(io.RawIOBase):
    """The file of a store; what the store raises names the source and shows no secret."""

    def __init__(self, file: Any, source: Source) -> None:
        self._file = file
        self._source = source

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def readinto(self, buffer: Any) -> int:
        with _explained(self._source.name, self._source._secrets):
            found = self._file.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def seek(self, position: int, whence: int = 0) -> int:
        with _explained(self._source.name, self._source._secrets):
            return int(self._file.seek(position, whence))

    def tell(self) -> int:
        return int(self._file.tell())


@contextmanager
def written(
    url: str | os.PathLike[str], storage_options: Mapping[str, object] | None
) -> Iterator[BinaryIO]:
    """Open a file or object to be written; an error leaves no secret in its message."""
    location, options = os.fspath(url), storage_options or {}
    secrets = secrets_in(location, options)
    with _explained(without_secrets(location), secrets, (Exception,)):
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
    with _explained(name, secrets, (Exception,)):
        filesystem, path = _filesystem(url, options)
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
            return [Source(name, path, filesystem, secrets)]
        if not paths:
            raise SourceNotFoundError(name, missing, _look(protocol))
        return [
            Source(_name_of(found, url, filesystem), found, filesystem, secrets) for found in paths
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


def _filesystem(url: str, options: Mapping[str, object]) -> tuple[Any, str]:
    protocol = url.split("://")[0]
    package, extra = _EXTRAS.get(url.rpartition("::")[2].split("://")[0], ("", ""))
    if package and find_spec(package) is None:
        raise MissingExtraError(f"reading {protocol}://", package, extra)
    emulated = "endpoint_url" in options or "STORAGE_EMULATOR_HOST" in os.environ
    if protocol in _GCS and emulated:
        # The class that "gs" stands for asks a bucket for its type over gRPC, at Google's own
        # address; another endpoint has no such service, and the question hangs for a minute.
        _require_answer(options)
        from gcsfs.core import GCSFileSystem

        filesystem = GCSFileSystem(**options)
        return filesystem, filesystem._strip_protocol(url)
    return cast(tuple[Any, str], url_to_fs(url, **options))


def _caching(filesystem: Any) -> dict[str, str]:
    """Return how a file of this store is to be read ahead."""
    protocols = filesystem.protocol
    is_gcs = "gs" in ((protocols,) if isinstance(protocols, str) else protocols)
    # What gcsfs does otherwise, fetching in the background, keeps Ctrl-C waiting for ten seconds
    # where the store has stopped answering.
    return {"cache_type": "readahead"} if is_gcs else {}


def _require_answer(options: Mapping[str, object]) -> None:
    """Refuse an endpoint at which nothing listens: gcsfs would try again for half a minute."""
    endpoint = str(options.get("endpoint_url") or os.environ.get("STORAGE_EMULATOR_HOST"))
    address = urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}")
    if "session_kwargs" in options or not address.hostname:
        # Such a session may go through a proxy: only it knows the way.
        return
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname, port), _ANSWER_SECONDS).close()
    except OSError as error:
        raise ReadError(
            f"{address.scheme}://{address.hostname}:{port}",
            f"nothing answers there ({error})",
            "It is the endpoint_url of storage_options, or STORAGE_EMULATOR_HOST.",
        ) from None


@contextmanager
def _explained(
    name: str, secrets: frozenset[str], kinds: tuple[type[Exception], ...] = _STORE_ERRORS
) -> Iterator[None]:
    """Turn what the layers below raise into one sentence that shows no secret."""
    try:
        yield
    except (ReadError, MissingExtraError):
        raise
    except Exception as error:
        # Stores bring their own exception trees (gcsfs.HttpError, aiohttp.ClientError, …).
        if isinstance(error, kinds) or type(error).__module__.startswith(_STORES):
            raise _explanation(error, name, secrets) from _shown_cause(error, secrets)
        raise


def _shown_cause(error: Exception, secrets: frozenset[str]) -> Exception | None:
    """Return what a traceback may show below ours: nothing, where messages could hold secrets."""
    return None if secrets else error


def _explanation(error: Exception, name: str, secrets: frozenset[str]) -> ReadError:
    message = scrub(str(error), secrets).strip()
    if isinstance(error, FileNotFoundError):
        protocol = name.split("://")[0] + "://" if "://" in name else ""
        return SourceNotFoundError(name, "there is no such file", _look(protocol))
    if isinstance(error, ValueError) and "Protocol not known" in message:
        return ReadError(
            name,
            "no filesystem is known for this protocol",
            "Known everywhere: local paths, https://, gs://. Others come with a package, "
            "such as s3:// with s3fs.",
        )
    if isinstance(error, ImportError):
        return ReadError(name, message, "Install the package that it names.")
    reason = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return ReadError(name, reason, "Check the address, the permissions and storage_options.")


def _look(protocol: str) -> str:
    if protocol:
        return "Check the bucket and the name; storage_options may need credentials."
    return f"Paths are relative to {os.getcwd()}."
