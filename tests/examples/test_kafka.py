"""The Kafka example, on librdkafka's own broker: whatever breaks, nothing is lost or doubled."""

import itertools
import logging
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from confluent_kafka import Consumer, Producer

import clicksession as cs
import kafka_sessions
from kafka_sessions import STATE, VISITS, follow

TOPIC = "clicks"
BEGAN = pd.Timestamp("2024-05-01 10:00")
# A group of its own for each process: the broker of librdkafka waits long for one that is gone,
# and where to go on is told by the database alone.
GROUPS = itertools.count()
QUIET = {"logger": logging.getLogger("kafka"), "log_level": 0}


@pytest.fixture(scope="module")
def producer() -> Producer:
    """A broker of one node, which lives as long as its producer."""
    return Producer({"bootstrap.servers": "-", "test.mock.num.brokers": 1, **QUIET})


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'clicks.db'}")
    yield engine
    engine.dispose()


class Failing(Consumer):
    """A consumer whose process dies after the rows are written, before the offsets are."""

    def commit(self, **_: object) -> None:
        raise InterruptedError


def connected(producer: Producer, kind: type[Consumer] = Consumer) -> Consumer:
    (broker,) = producer.list_topics(timeout=10).brokers.values()
    servers = f"{broker.host}:{broker.port}"
    group = f"sessions-{next(GROUPS)}"
    settings = {"bootstrap.servers": servers, "group.id": group, "enable.auto.commit": False}
    return kind({**settings, **QUIET})


def sent(producer: Producer, numbers: range) -> pd.DataFrame:
    """Send events of six users and of nobody, in order of time, and return them."""
    rows = []
    for number in numbers:
        moment = BEGAN + number * pd.Timedelta("5min") + (number // 20) * pd.Timedelta("20min")
        user = None if number % 11 == 0 else f"user {number % 7}"
        at = int(moment.timestamp() * 1000)
        producer.produce(TOPIC, key=user, value=f"{number}", timestamp=at)
        rows.append({"body": f"{number}", "user_id": user, "timestamp": moment})
    assert producer.flush(10) == 0
    return pd.DataFrame(rows)


def read(engine: sa.Engine, consumer: Consumer, least: int) -> None:
    with consumer:
        count = 0
        for written in follow(consumer, engine, TOPIC):
            count += written
            if count >= least:
                return


def test_whatever_breaks(
    producer: Producer, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, then = sent(producer, range(40)), kafka_sessions.keep
    with pytest.raises(InterruptedError):  # written, and the offsets not committed
        read(engine, connected(producer, Failing), 40)
    written = pd.read_sql(sa.select(VISITS), engine)
    assert 0 < len(written) <= 40

    def keep_one(engine: sa.Engine, part: int, *rest: object) -> None:
        monkeypatch.setattr(kafka_sessions, "keep", lambda *_: pytest.fail("dead"))
        then(engine, part, *rest)

    second = sent(producer, range(40, 100))
    monkeypatch.setattr(kafka_sessions, "keep", keep_one)
    with pytest.raises(pytest.fail.Exception, match="dead"):  # written for one partition only
        read(engine, connected(producer), 100)

    monkeypatch.setattr(kafka_sessions, "keep", then)
    done = len(pd.read_sql(sa.select(VISITS), engine))
    assert len(written) < done < 100
    read(engine, connected(producer), 100 - done)
    assert_as_at_once(engine, pd.concat([first, second]))


def assert_as_at_once(engine: sa.Engine, events: pd.DataFrame) -> None:
    expected = cs.sessionize(events)[["body", "session_id"]]
    found = pd.read_sql(sa.select(VISITS.c.body, VISITS.c.session_id), engine)
    by_number = lambda frame: frame.sort_values("body", ignore_index=True)  # noqa: E731
    pd.testing.assert_frame_equal(by_number(found), by_number(expected), check_dtype=False)
    assert expected["session_id"].nunique() > 10
    assert len(pd.read_sql(sa.select(STATE), engine)) > 1
