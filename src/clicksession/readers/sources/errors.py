"""Turn what stores and filesystems raise into one sentence that shows no secret."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from clicksession.errors import MissingExtraError, ReadError, SourceNotFoundError
from clicksession.readers.sources.retrying import status_of
from clicksession.secrets import scrub

__all__ = ["explained", "look"]

_STORES = ("gcsfs", "aiohttp", "google", "botocore", "s3fs", "adlfs", "azure")
# While a stream is open, other errors are those of whoever reads it.
_STORE_ERRORS = (OSError, ValueError, ImportError)
_GONE = (404, 410)


@contextmanager
def explained(
    name: str,
    secrets: frozenset[str],
    kinds: tuple[type[Exception], ...] = _STORE_ERRORS,
    *,
    missing: str = "there is no such file",
) -> Iterator[None]:
    """Raise a `ReadError` that names the source for what goes wrong within the block.

    `missing` is said where a place is not there.
    """
    try:
        yield
    except (ReadError, MissingExtraError):
        raise
    except Exception as error:
        # Stores bring their own exception trees (gcsfs.HttpError, aiohttp.ClientError, …).
        if isinstance(error, kinds) or type(error).__module__.startswith(_STORES):
            # A traceback shows nothing below ours, where messages could hold secrets.
            raise _explanation(error, name, secrets, missing) from None if secrets else error
        raise


def look(address: str) -> str:
    """Return where to look for what is not there."""
    if "://" in address:
        return "Check the bucket and the name; storage_options may need credentials."
    return f"Paths are relative to {os.getcwd()}."


def _explanation(error: Exception, name: str, secrets: frozenset[str], missing: str) -> ReadError:
    cause = error.__cause__
    if isinstance(error, FileNotFoundError) and type(cause).__module__.startswith("aiohttp"):
        # fsspec says so of whatever goes wrong over HTTP.
        error = cast(Exception, cause)
    if isinstance(error, FileNotFoundError) or status_of(error) in _GONE:
        return SourceNotFoundError(name, missing, look(name))
    message = scrub(str(error), secrets).strip()
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
