-- claim: Choose a mark, in a table that is there as long as the job: another one is refused.
CREATE TABLE events_lock AS
WITH marks AS (
    SELECT
        DATE_PART(EPOCH_MICROSECOND, SYSDATE()) AS clock,
        (
            SELECT max(sessions.changed_in) + 1 AS anon_1
            FROM sessions
        ) AS next
)
SELECT CASE WHEN marks.next > marks.clock THEN marks.next ELSE marks.clock END AS mark
FROM marks;

-- loaded: Ask when the last of the stored events was loaded.
SELECT max(events.loaded_at) AS loaded
FROM events;

-- make events_new: Keep the rows whose id is not stored yet, one of each id.
CREATE OR REPLACE TEMPORARY TABLE events_new AS
WITH arriving AS (
    SELECT
        raw.clicks.id AS event_id,
        raw.clicks.customer AS user_id,
        raw.clicks.at AS timestamp,
        raw.clicks.page,
        raw.clicks.loaded_at
    FROM raw.clicks
    WHERE raw.clicks.id IS NOT NULL
),
absent AS (
    SELECT
        arriving.event_id,
        arriving.user_id,
        arriving.timestamp,
        arriving.page,
        arriving.loaded_at,
        row_number() OVER (
            PARTITION BY arriving.event_id
            ORDER BY
                arriving.loaded_at NULLS LAST,
                DATE_PART(EPOCH_MICROSECOND, arriving.timestamp) NULLS LAST,
                CAST(arriving.user_id AS VARCHAR) NULLS LAST,
                CAST(arriving.page AS VARCHAR) NULLS LAST,
                CAST(arriving.loaded_at AS VARCHAR) NULLS LAST
        ) AS nth_of_id
    FROM arriving
    WHERE NOT (EXISTS(SELECT events.event_id FROM events WHERE arriving.event_id = events.event_id))
)
SELECT
    absent.event_id,
    absent.user_id,
    absent.timestamp,
    absent.page,
    absent.loaded_at
FROM absent
WHERE absent.nth_of_id = 1;

-- around: Ask on which days a stored event can be within a pause of a new one.
WITH stretches AS (
    SELECT
        DATE_PART(EPOCH_MICROSECOND, events_new.timestamp) - 1800000000 AS since,
        DATE_PART(EPOCH_MICROSECOND, events_new.timestamp) + 1800000000 AS until
    FROM events_new
    WHERE DATE_PART(EPOCH_MICROSECOND, events_new.timestamp) - 1800000000 IS NOT NULL
)
SELECT DISTINCT
    stretches.since - CASE WHEN mod(
        stretches.since,
        86400000000
    ) < 0 THEN mod(
        stretches.since,
        86400000000
    ) + 86400000000 ELSE mod(stretches.since, 86400000000) END AS first_day,
    stretches.until - CASE WHEN mod(
        stretches.until,
        86400000000
    ) < 0 THEN mod(
        stretches.until,
        86400000000
    ) + 86400000000 ELSE mod(stretches.until, 86400000000) END AS last_day
FROM stretches;

-- make events_near: Keep the stretches between two pauses that a new event is in, or joins.
CREATE OR REPLACE TEMPORARY TABLE events_near AS
WITH runs AS (
    SELECT DISTINCT
        events.user_id,
        events.run_from,
        events.run_to
    FROM events
    WHERE events.user_id IN (
        SELECT events_new.user_id
        FROM events_new
        WHERE events_new.user_id IS NOT NULL
    )
        AND events.run_from IS NOT NULL
        AND (
            events.timestamp >= CAST('2024-05-01 00:00:00.000000' AS TIMESTAMP_NTZ)
                AND events.timestamp < CAST('2024-05-03 00:00:00.000000' AS TIMESTAMP_NTZ)
                OR events.timestamp >= CAST('2024-06-26 00:00:00.000000' AS TIMESTAMP_NTZ)
                    AND events.timestamp < CAST('2024-06-27 00:00:00.000000' AS TIMESTAMP_NTZ)
        )
),
points AS (
    SELECT
        events_new.user_id,
        DATE_PART(EPOCH_MICROSECOND, events_new.timestamp) AS reached_at,
        DATE_PART(EPOCH_MICROSECOND, events_new.timestamp) AS new_at,
        DATE_PART(EPOCH_MICROSECOND, events_new.timestamp) AS run_from,
        DATE_PART(EPOCH_MICROSECOND, events_new.timestamp) AS run_to,
        0 AS is_run
    FROM events_new
    WHERE events_new.user_id IS NOT NULL
        AND DATE_PART(EPOCH_MICROSECOND, events_new.timestamp) IS NOT NULL
    UNION ALL
    SELECT
        runs.user_id,
        runs.run_to + 1800000000 AS reached_at,
        -4611686018427387904 AS new_at,
        runs.run_from,
        runs.run_to,
        1 AS is_run
    FROM runs
),
met AS (
    SELECT
        points.user_id,
        points.reached_at,
        points.new_at,
        points.run_from,
        points.run_to,
        points.is_run,
        max(points.new_at) OVER (
            PARTITION BY points.user_id
            ORDER BY points.reached_at, points.is_run
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS latest
    FROM points
)
SELECT
    met.user_id,
    met.run_from,
    max(met.run_to) AS run_to
FROM met
WHERE met.is_run = 1 AND met.latest >= met.run_from - 1800000000
GROUP BY met.user_id, met.run_from;

-- near: Ask on which days these stretches lie, from their beginning to their end.
WITH stretches AS (
    SELECT
        events_near.run_from AS since,
        events_near.run_to AS until
    FROM events_near
    WHERE events_near.run_from IS NOT NULL
)
SELECT DISTINCT
    stretches.since - CASE WHEN mod(
        stretches.since,
        86400000000
    ) < 0 THEN mod(
        stretches.since,
        86400000000
    ) + 86400000000 ELSE mod(stretches.since, 86400000000) END AS first_day,
    stretches.until - CASE WHEN mod(
        stretches.until,
        86400000000
    ) < 0 THEN mod(
        stretches.until,
        86400000000
    ) + 86400000000 ELSE mod(stretches.until, 86400000000) END AS last_day
FROM stretches;

-- make events_cut: Cut the new events and those near them.
CREATE OR REPLACE TEMPORARY TABLE events_cut AS
WITH pool AS (
    SELECT
        events_new.event_id,
        events_new.user_id,
        events_new.timestamp,
        events_new.page,
        events_new.loaded_at
    FROM events_new
    UNION ALL
    SELECT
        events.event_id,
        events.user_id,
        events.timestamp,
        events.page,
        events.loaded_at
    FROM events
    JOIN events_near
        ON events.user_id = events_near.user_id
        AND events.run_from = events_near.run_from
    WHERE events.timestamp >= CAST('2024-05-01 00:00:00.000000' AS TIMESTAMP_NTZ)
        AND events.timestamp < CAST('2024-05-03 00:00:00.000000' AS TIMESTAMP_NTZ)
        OR events.timestamp >= CAST('2024-06-26 00:00:00.000000' AS TIMESTAMP_NTZ)
            AND events.timestamp < CAST('2024-06-27 00:00:00.000000' AS TIMESTAMP_NTZ)
),
known AS (
    SELECT
        pool.event_id,
        pool.user_id,
        pool.timestamp,
        pool.page,
        pool.loaded_at,
        CASE WHEN pool.user_id IS NULL OR pool.timestamp IS NULL THEN 0 ELSE 1 END AS counts,
        DATE_PART(EPOCH_MICROSECOND, pool.timestamp) AS instant
    FROM pool
),
ordered AS (
    SELECT
        known.event_id,
        known.user_id,
        known.timestamp,
        known.page,
        known.loaded_at,
        known.counts,
        known.instant,
        lag(known.instant) OVER (PARTITION BY known.user_id, known.counts ORDER BY known.instant)
            AS previous_instant,
        row_number() OVER (PARTITION BY known.user_id, known.counts ORDER BY known.instant) AS place
    FROM known
),
marked AS (
    SELECT
        ordered.event_id,
        ordered.user_id,
        ordered.timestamp,
        ordered.page,
        ordered.loaded_at,
        ordered.counts,
        ordered.instant,
        ordered.previous_instant,
        ordered.place,
        CASE
            WHEN ordered.previous_instant IS NULL THEN 1
            WHEN ordered.instant - ordered.previous_instant > 1800000000 THEN 2
            ELSE 0
        END AS begins
    FROM ordered
),
numbered AS (
    SELECT
        marked.event_id,
        marked.user_id,
        marked.timestamp,
        marked.page,
        marked.loaded_at,
        marked.counts,
        marked.instant,
        marked.previous_instant,
        marked.place,
        marked.begins,
        CAST(
            sum(CASE WHEN marked.begins > 0 THEN 1 ELSE 0 END) OVER (
                PARTITION BY marked.user_id, marked.counts
                ORDER BY marked.place
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS ordinal,
        max(CASE WHEN marked.begins > 0 THEN marked.instant END) OVER (
            PARTITION BY marked.user_id, marked.counts
            ORDER BY marked.place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS started
    FROM marked
),
cut AS (
    SELECT
        numbered.event_id,
        numbered.user_id,
        numbered.timestamp,
        numbered.page,
        numbered.loaded_at,
        CASE
            WHEN numbered.counts = 1
                THEN CAST(numbered.user_id AS VARCHAR) || ':' || CAST(numbered.started AS VARCHAR)
        END AS session_id,
        CASE WHEN numbered.counts = 1 THEN numbered.ordinal END AS session_index
    FROM numbered
)
SELECT
    cut.event_id,
    cut.user_id,
    cut.timestamp,
    cut.page,
    cut.loaded_at,
    cut.session_id,
    CASE
        WHEN cut.session_id IS NOT NULL
            THEN min(
                DATE_PART(EPOCH_MICROSECOND, cut.timestamp)
            ) OVER (PARTITION BY cut.session_id)
    END AS run_from,
    CASE
        WHEN cut.session_id IS NOT NULL
            THEN max(
                DATE_PART(EPOCH_MICROSECOND, cut.timestamp)
            ) OVER (PARTITION BY cut.session_id)
    END AS run_to,
    (
        SELECT events_lock.mark
        FROM events_lock
    ) AS changed_in
FROM cut;

-- merge events: Store what is new, and the sessions that the others are in now.
MERGE INTO events AS stored
USING events_cut AS found
ON stored.event_id = found.event_id AND (stored.timestamp >= CAST('2024-05-01 00:00:00.000000' AS TIMESTAMP_NTZ) AND stored.timestamp < CAST('2024-05-03 00:00:00.000000' AS TIMESTAMP_NTZ) OR stored.timestamp >= CAST('2024-06-26 00:00:00.000000' AS TIMESTAMP_NTZ) AND stored.timestamp < CAST('2024-06-27 00:00:00.000000' AS TIMESTAMP_NTZ))
WHEN MATCHED THEN UPDATE SET
    session_id = found.session_id,
    run_from = found.run_from,
    run_to = found.run_to,
    changed_in = found.changed_in
WHEN NOT MATCHED THEN INSERT
    (event_id, user_id, timestamp, page, loaded_at, session_id, run_from, run_to, changed_in)
    VALUES (found.event_id, found.user_id, found.timestamp, found.page, found.loaded_at, found.session_id, found.run_from, found.run_to, found.changed_in);

-- mark: Ask up to which mark the sessions follow the events.
SELECT coalesce(max(sessions.changed_in), 0) AS mark
FROM sessions;

-- make sessions_new: Take the events that were written since together, by session.
CREATE OR REPLACE TEMPORARY TABLE sessions_new AS
SELECT
    events.session_id,
    events.user_id,
    min(events.timestamp) AS started_at,
    max(events.timestamp) AS ended_at,
    CAST(
        max(DATE_PART(EPOCH_MICROSECOND, events.timestamp))
            - min(DATE_PART(EPOCH_MICROSECOND, events.timestamp)) AS FLOAT
    ) / 1000000 AS duration_seconds,
    count(*) AS event_count,
    max(events.changed_in) AS changed_in
FROM events
WHERE events.session_id IS NOT NULL AND events.changed_in > 1714557600000000
GROUP BY events.session_id, events.user_id;

-- make sessions_old: Find the stored sessions whose first event was written since.
CREATE OR REPLACE TEMPORARY TABLE sessions_old AS
WITH moments AS (
    SELECT DISTINCT
        events.user_id,
        events.timestamp
    FROM events
    WHERE events.user_id IS NOT NULL AND events.changed_in > 1714557600000000
)
SELECT DISTINCT sessions.session_id
FROM sessions
JOIN moments ON sessions.user_id = moments.user_id AND sessions.started_at = moments.timestamp;

-- merge sessions: Write the sessions as they are now, and delete those that are none any more.
MERGE INTO sessions AS stored
USING (
    SELECT
        coalesce(sessions_new.session_id, sessions_old.session_id) AS session_id,
        sessions_new.user_id,
        sessions_new.started_at,
        sessions_new.ended_at,
        sessions_new.duration_seconds,
        sessions_new.event_count,
        CASE
            WHEN sessions_new.session_id IS NULL
                THEN (
                    SELECT events_lock.mark
                    FROM events_lock
                )
            ELSE sessions_new.changed_in
        END AS changed_in,
        CASE WHEN sessions_new.session_id IS NULL THEN 1 ELSE 0 END AS is_gone
    FROM sessions_new
    FULL OUTER JOIN sessions_old ON sessions_new.session_id = sessions_old.session_id
) AS found
ON stored.session_id = found.session_id
WHEN MATCHED AND found.is_gone = 1 THEN DELETE
WHEN MATCHED THEN UPDATE SET
    user_id = found.user_id,
    started_at = found.started_at,
    ended_at = found.ended_at,
    duration_seconds = found.duration_seconds,
    event_count = found.event_count,
    changed_in = found.changed_in
WHEN NOT MATCHED AND found.is_gone = 0 THEN INSERT
    (session_id, user_id, started_at, ended_at, duration_seconds, event_count, changed_in)
    VALUES (found.session_id, found.user_id, found.started_at, found.ended_at, found.duration_seconds, found.event_count, found.changed_in);

-- new: Say how many events are new.
SELECT count(*) AS "rows"
FROM events_new;

-- cut: Say how many events were cut anew.
SELECT count(*) AS "rows"
FROM events_cut;

-- removed: Say how many sessions were replaced.
SELECT count(*) AS "rows"
FROM sessions_old;

-- changed: Say how many sessions were written.
SELECT count(*) AS "rows"
FROM sessions_new;

-- release: Let another job begin.
DROP TABLE events_lock;
