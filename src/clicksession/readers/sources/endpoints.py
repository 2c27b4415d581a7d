"""Refuse an endpoint at which nothing listens, before a store's library tries for a minute."""

import os
import re
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from clicksession.errors import ReadError

__all__ = ["AZURE", "GCS", "S3", "require_answer"]

GCS = ("gs", "gcs")
S3 = ("s3", "s3a")
AZURE = ("az", "abfs", "abfss", "adl")

_ANSWER_SECONDS = 5.0
_BLOB_ENDPOINT = re.compile(r"BlobEndpoint=([^;]+)")


def require_answer(protocol: str, options: Mapping[str, object]) -> None:
    """Refuse an endpoint that the user named, where nothing listens there.

    Raises
    ------
    ReadError
        Nothing answers at the address.
    """
    endpoint, what = _endpoint(protocol, options)
    scheme = "https" if protocol in AZURE else "http"
    address = urlsplit(endpoint if "://" in endpoint else f"{scheme}://{endpoint}")
    if not address.hostname or _has_proxy(address.scheme, address.hostname, options):
        return
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname, port), _ANSWER_SECONDS).close()
    except OSError as error:
        raise ReadError(
            f"{address.scheme}://{address.hostname}:{port}",
            f"nothing answers there ({error})",
            f"It is the {what}.",
        ) from None


def _endpoint(protocol: str, options: Mapping[str, object]) -> tuple[str, str]:
    """Return the address that the user named, if any, and where."""
    named, what = options.get("endpoint_url"), "endpoint_url of storage_options"
    if protocol in AZURE:
        found = _BLOB_ENDPOINT.search(str(options.get("connection_string")))
        if found:
            return found[1], "BlobEndpoint of connection_string"
        named, what = options.get("account_host"), "account_host of storage_options"
    elif protocol in S3:
        client = options.get("client_kwargs")
        named = named or (client.get("endpoint_url") if isinstance(client, Mapping) else None)
    elif protocol in GCS:
        named = named or os.environ.get("STORAGE_EMULATOR_HOST")
        what = f"{what}, or STORAGE_EMULATOR_HOST"
    else:
        named = None
    return str(named or ""), what


def _has_proxy(scheme: str, host: str, options: Mapping[str, object]) -> bool:
    """Say whether the way may lead through a proxy: only the store's library knows it then."""
    if "session_kwargs" in options or "config_kwargs" in options:
        return True
    return scheme in getproxies() and not proxy_bypass(host)
