r"""Sessions from a Kafka topic, with nothing lost and nothing doubled.

    pip install clicksession confluent-kafka
    python examples/kafka_sessions.py localhost:9092 clicks duckdb:///clicks.duckdb

What was read, the sessions that are open and the place to go on from are written in one
transaction: after a crash, the next process goes on exactly there. The key of a message is the
user, so that all events of a user are in one partition. The time is the broker's
(``message.timestamp.type=LogAppendTime``), which within a partition only grows.
"""

import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import sqlalchemy as sa
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition
from sqlalchemy.dialects.mysql import LONGTEXT

import clicksession as cs

TABLES = sa.MetaData()
VISITS = sa.Table(
    "kafka_visits",
    TABLES,
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("user_id", sa.String(480)),
    sa.Column("timestamp", sa.DateTime),
    sa.Column("body", sa.Text),
    sa.Column("session_id", sa.String(520)),
)
STATE = sa.Table(
    "kafka_state",
    TABLES,
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("next_place", sa.BigInteger),
    sa.Column("sessionizer", sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")),
)


def follow(consumer: Consumer, engine: sa.Engine, topic: str) -> Iterator[int]:
    """Write the events of a topic with their sessions; yield how many, batch by batch, for ever."""
    TABLES.create_all(engine)
    sessionizers: dict[int, cs.Sessionizer] = {}

    def go_on(consumer: Consumer, partitions: list[TopicPartition]) -> None:
        with engine.connect() as connection:
            for at in partitions:
                sessionizers[at.partition], at.offset = stored(connection, at.partition)
        consumer.assign(partitions)

    consumer.subscribe([topic], on_assign=go_on)
    while True:
        events = pd.DataFrame(map(event, consumer.consume(1000, timeout=1.0)))
        if len(events):
            for part in events["part"].unique().tolist():
                visits = sessionizers[part].process(events[events["part"] == part])
                keep(engine, part, visits, sessionizers[part])
            # For those who watch how far behind the group is: `go_on` does not ask for it.
            consumer.commit(asynchronous=False)
            yield len(events)


def event(message: Message) -> dict[str, Any]:
    """Return a message as a row."""
    if message.error():
        raise KafkaException(message.error())
    key, value, (_, milliseconds) = message.key(), message.value(), message.timestamp()
    return {
        "part": message.partition(),
        "place": message.offset(),
        "user_id": None if key is None else key.decode(),
        "timestamp": pd.Timestamp(milliseconds, unit="ms"),
        "body": None if value is None else value.decode(),
    }


def stored(connection: sa.Connection, part: int) -> tuple[cs.Sessionizer, int]:
    """Return the open sessions of a partition, and the place to go on from."""
    state = connection.execute(sa.select(STATE).where(STATE.c.part == part)).first()
    if state is None:
        return cs.Sessionizer("30min", numbered=False), OFFSET_BEGINNING
    return cs.Sessionizer.from_json(state.sessionizer), state.next_place


def keep(engine: sa.Engine, part: int, visits: pd.DataFrame, sessionizer: cs.Sessionizer) -> None:
    """Write events with their sessions, and where to go on: all of it or nothing."""
    plain = visits.astype(object).where(visits.notna(), None)
    rows = [dict(zip(plain.columns, row, strict=True)) for row in plain.itertuples(index=False)]
    state = {"next_place": int(visits["place"].max()) + 1, "sessionizer": sessionizer.to_json()}
    with engine.begin() as connection:
        # A process that lost the partition to another one fails here: its places are taken.
        connection.execute(sa.insert(VISITS), rows)
        connection.execute(sa.delete(STATE).where(STATE.c.part == part))
        connection.execute(sa.insert(STATE), {"part": part, **state})


def main(servers: str, topic: str, target: str) -> None:
    """Follow a topic until the process is stopped."""
    settings = {"bootstrap.servers": servers, "group.id": "sessions", "enable.auto.commit": False}
    with Consumer(settings) as consumer:
        for count in follow(consumer, sa.create_engine(target), topic):
            print(f"{count} events written")


if __name__ == "__main__":
    main(*sys.argv[1:])
