"""The log of a made-up webshop, in the form of `EventSchema.preset("webshop")`.

Customers come back a few times over some weeks. A visit is a series of page
views and searches; some fill a cart, and some of those order. As in real logs,
part of the visitors is not known, events are not in the order of their times,
and a few lines come twice.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from clicksession.errors import ParameterError

__all__ = ["webshop_events", "write_webshop"]

_START = datetime(2024, 5, 1, tzinfo=UTC)
_DAYS = 28
_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4",
)
_QUERIES = ("running shoes", "rain jacket", "tent for two", "head lamp", "gift card")
_SHARE_UNKNOWN = 0.15
_SHARE_TWICE = 0.002
_SHARE_CART = 0.3
_SHARE_ORDER = 0.4
_MOST_VISITS = 20
_VISITS_DECAY = 0.16

Event = dict[str, Any]


def webshop_events(customers: int = 3000, seed: int = 0) -> Iterator[Event]:
    """Yield the events of a made-up webshop.

    The same arguments give the same events. They are in no order, and some come twice.

    Parameters
    ----------
    customers
        How many customers there are; each makes one to twenty visits within four weeks.
    seed
        Which of the possible logs.

    Yields
    ------
    dict
        ``{"id": …, "type": …, "event": {"customer-id": …, "timestamp": …, …}}``.

    Examples
    --------
    >>> first = next(webshop_events(customers=5, seed=1))
    >>> sorted(first), sorted(first["event"])[:2]
    (['event', 'id', 'type'], ['customer-id', 'ip'])
    """
    if not isinstance(customers, int) or customers < 1:
        must = "a whole number of customers, at least 1"
        raise ParameterError("webshop_events", "customers", must, customers)
    random = Random(seed)  # noqa: S311  # made-up data, not secrets
    events = [event for customer in range(1, customers + 1) for event in _visits(customer, random)]
    events += random.sample(events, int(len(events) * _SHARE_TWICE))
    random.shuffle(events)
    numbers: dict[int, int] = {}
    for event in events:
        # An id for each event, the same for both lines of one that comes twice.
        number = numbers.setdefault(id(event), 100_000 + len(numbers))
        yield {"id": number, **event}


def write_webshop(path: str | Path, customers: int = 3000, seed: int = 0) -> Path:
    """Write the events of a made-up webshop to a file, one JSON object per line.

    Parameters
    ----------
    path
        Where to; a name that ends in ``.gz`` is compressed.
    customers, seed
        As in `webshop_events`.

    Returns
    -------
    Path
        The path.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> log = write_webshop(pathlib.Path(tempfile.mkdtemp()) / "events.json", customers=5, seed=1)
    >>> len(log.read_text().splitlines()) == len(list(webshop_events(customers=5, seed=1)))
    True
    """
    path = Path(path)
    lines = (json.dumps(event) for event in webshop_events(customers, seed))
    content = ("\n".join(lines) + "\n").encode()
    # Without a time in the header, the same log is the same bytes.
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path


def _visits(customer: int, random: Random) -> Iterator[Event]:
    agent, address = random.choice(_AGENTS), _address(random)
    for _ in range(min(_MOST_VISITS, 1 + int(random.expovariate(_VISITS_DECAY)))):
        known = customer if random.random() > _SHARE_UNKNOWN else None
        moment = _START + timedelta(seconds=random.uniform(0, _DAYS * 86_400))
        for kind, fields in _visit(random):
            yield {
                "type": kind,
                "event": {
                    "user-agent": agent,
                    "ip": address,
                    "customer-id": known,
                    "timestamp": moment.replace(tzinfo=None).isoformat(timespec="microseconds"),
                    **fields,
                },
            }
            moment += timedelta(seconds=min(1500, random.lognormvariate(3.7, 1.2)))


def _visit(random: Random) -> Iterator[tuple[str, Event]]:
    yield "page_view", {"page": "https://webshop.example/"}
    for _ in range(int(random.expovariate(0.25))):
        if random.random() < 0.2:
            yield "search", {"query": random.choice(_QUERIES)}
        else:
            yield "page_view", {"page": f"https://webshop.example/products/{_product(random)}"}
    if random.random() < _SHARE_CART:
        yield "add_product_to_cart", {"product": _product(random)}
        yield "page_view", {"page": "https://webshop.example/cart"}
        if random.random() < _SHARE_ORDER:
            yield "placed_order", {}


def _product(random: Random) -> int:
    return random.randrange(1, 400)


def _address(random: Random) -> str:
    # Addresses kept for documentation, RFC 5737.
    return f"203.0.113.{random.randrange(1, 255)}"
