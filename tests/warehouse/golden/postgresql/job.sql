-- claim: Count on, which another job at the same time has to wait for, or is refused.
UPDATE events_job
SET mark = mark + 1;

-- mark: Take the clock, unless it went back.
UPDATE events_job
SET mark = (CAST(CASE WHEN isfinite(now()) THEN EXTRACT(EPOCH FROM now()) END * 1000000 AS BIGINT))
WHERE mark < (CAST(CASE WHEN isfinite(now()) THEN EXTRACT(EPOCH FROM now()) END * 1000000 AS BIGINT));

-- mark: Be later than all that the sessions know.
UPDATE events_job
SET mark = ((SELECT max(sessions.changed_in) + 1 AS anon_1 FROM sessions))
WHERE mark < ((SELECT max(sessions.changed_in) + 1 AS anon_1 FROM sessions));

-- loaded: Ask when the last of the stored events was loaded.
SELECT max(events.loaded_at) AS loaded
FROM events;

-- clear events_new: Make room for what comes next.
DROP TABLE IF EXISTS events_new;

-- make events_new: Keep the rows whose id is not stored yet, one of each id.
CREATE TEMPORARY TABLE events_new AS
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
                CAST(
                    CASE
                        WHEN isfinite(arriving.timestamp) THEN EXTRACT(EPOCH FROM arriving.timestamp)
                    END * 1000000 AS BIGINT
                ) NULLS LAST,
                CAST(CAST(arriving.user_id AS TEXT) AS TEXT) COLLATE "C" NULLS LAST,
                CAST(CAST(arriving.page AS TEXT) AS TEXT) COLLATE "C" NULLS LAST,
                CAST(CAST(arriving.loaded_at AS TEXT) AS TEXT) COLLATE "C" NULLS LAST
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

-- describe events_new: Have the database look at them.
ANALYZE events_new;

-- around: Ask on which days a stored event can be within a pause of a new one.
WITH stretches AS (
    SELECT
        CAST(
            CASE
                WHEN isfinite(events_new.timestamp) THEN EXTRACT(EPOCH FROM events_new.timestamp)
            END * 1000000 AS BIGINT
        ) - 1800000000 AS since,
        CAST(
            CASE
                WHEN isfinite(events_new.timestamp) THEN EXTRACT(EPOCH FROM events_new.timestamp)
            END * 1000000 AS BIGINT
        ) + 1800000000 AS until
    FROM events_new
    WHERE CAST(
        CASE
            WHEN isfinite(events_new.timestamp) THEN EXTRACT(EPOCH FROM events_new.timestamp)
        END * 1000000 AS BIGINT
    ) - 1800000000 IS NOT NULL
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

-- clear events_near: Make room for what comes next.
DROP TABLE IF EXISTS events_near;

-- make events_near: Keep the stretches between two pauses that a new event is in, or joins.
CREATE TEMPORARY TABLE events_near AS
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
            events.timestamp >= TIMESTAMP WITH TIME ZONE '2024-05-01 00:00:00.000000+00:00'
                AND events.timestamp < TIMESTAMP WITH TIME ZONE '2024-05-03 00:00:00.000000+00:00'
                OR events.timestamp >= TIMESTAMP WITH TIME ZONE '2024-06-26 00:00:00.000000+00:00'
                    AND events.timestamp < TIMESTAMP WITH TIME ZONE '2024-06-27 00:00:00.000000+00:00'
        )
),
points AS (
    SELECT
        events_new.user_id,
        CAST(
            CASE
                WHEN isfinite(events_new.timestamp) THEN EXTRACT(EPOCH FROM events_new.timestamp)
            END * 1000000 AS BIGINT
        ) AS reached_at,
        CAST(
            CASE
                WHEN isfinite(events_new.timestamp) THEN EXTRACT(EPOCH FROM events_new.timestamp)
            END * 1000000 AS BIGINT
        ) AS new_at,
        CAST(
            CASE
                WHEN isfinite(events_new.timestamp) THEN EXTRACT(EPOCH FROM events_new.timestamp)
            END * 1000000 AS BIGINT
        ) AS run_from,
        CAST(
            CASE
                WHEN isfinite(events_new.timestamp) THEN EXTRACT(EPOCH FROM events_new.timestamp)
            END * 1000000 AS BIGINT
        ) AS run_to,
        0 AS is_run
    FROM events_new
    WHERE events_new.user_id IS NOT NULL
        AND CAST(
            CASE
                WHEN isfinite(events_new.timestamp) THEN EXTRACT(EPOCH FROM events_new.timestamp)
            END * 1000000 AS BIGINT
        ) IS NOT NULL
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
            PARTITION BY CAST(points.user_id AS TEXT) COLLATE "C"
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

-- describe events_near: Have the database look at them.
ANALYZE events_near;

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

-- clear events_cut: Make room for what comes next.
DROP TABLE IF EXISTS events_cut;

-- make events_cut: Cut the new events and those near them.
CREATE TEMPORARY TABLE events_cut AS
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
    WHERE events.timestamp >= TIMESTAMP WITH TIME ZONE '2024-05-01 00:00:00.000000+00:00'
        AND events.timestamp < TIMESTAMP WITH TIME ZONE '2024-05-03 00:00:00.000000+00:00'
        OR events.timestamp >= TIMESTAMP WITH TIME ZONE '2024-06-26 00:00:00.000000+00:00'
            AND events.timestamp < TIMESTAMP WITH TIME ZONE '2024-06-27 00:00:00.000000+00:00'
),
known AS (
    SELECT
        pool.event_id,
        pool.user_id,
        pool.timestamp,
        pool.page,
        pool.loaded_at,
        CASE
            WHEN pool.user_id IS NULL OR (pool.timestamp IS NULL OR NOT isfinite(pool.timestamp))
                THEN 0
            ELSE 1
        END AS counts,
        CAST(
            CASE WHEN isfinite(pool.timestamp) THEN EXTRACT(EPOCH FROM pool.timestamp) END * 1000000
                AS BIGINT
        ) AS instant
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
        lag(known.instant) OVER (
            PARTITION BY CAST(known.user_id AS TEXT) COLLATE "C", known.counts
            ORDER BY known.instant
        ) AS previous_instant,
        row_number() OVER (
            PARTITION BY CAST(known.user_id AS TEXT) COLLATE "C", known.counts
            ORDER BY known.instant
        ) AS place
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
                PARTITION BY CAST(marked.user_id AS TEXT) COLLATE "C", marked.counts
                ORDER BY marked.place
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS ordinal,
        max(CASE WHEN marked.begins > 0 THEN marked.instant END) OVER (
            PARTITION BY CAST(marked.user_id AS TEXT) COLLATE "C", marked.counts
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
                THEN CAST(numbered.user_id AS TEXT) || ':' || CAST(numbered.started AS TEXT)
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
                CAST(
                    CASE
                        WHEN isfinite(cut.timestamp) THEN EXTRACT(EPOCH FROM cut.timestamp)
                    END * 1000000 AS BIGINT
                )
            ) OVER (PARTITION BY cut.session_id)
    END AS run_from,
    CASE
        WHEN cut.session_id IS NOT NULL
            THEN max(
                CAST(
                    CASE
                        WHEN isfinite(cut.timestamp) THEN EXTRACT(EPOCH FROM cut.timestamp)
                    END * 1000000 AS BIGINT
                )
            ) OVER (PARTITION BY cut.session_id)
    END AS run_to,
    (
        SELECT events_job.mark
        FROM events_job
    ) AS changed_in
FROM cut;

-- describe events_cut: Have the database look at them.
ANALYZE events_cut;

-- delete events: Delete those events that are written anew.
DELETE FROM events
WHERE event_id IN (SELECT event_id FROM events_cut)
    AND (events.timestamp >= TIMESTAMP WITH TIME ZONE '2024-05-01 00:00:00.000000+00:00' AND events.timestamp < TIMESTAMP WITH TIME ZONE '2024-05-03 00:00:00.000000+00:00' OR events.timestamp >= TIMESTAMP WITH TIME ZONE '2024-06-26 00:00:00.000000+00:00' AND events.timestamp < TIMESTAMP WITH TIME ZONE '2024-06-27 00:00:00.000000+00:00');

-- insert events: Insert the events as they are now.
INSERT INTO events (event_id, user_id, timestamp, page, loaded_at, session_id, run_from, run_to, changed_in)
SELECT
    events_cut.event_id,
    events_cut.user_id,
    events_cut.timestamp,
    events_cut.page,
    events_cut.loaded_at,
    events_cut.session_id,
    events_cut.run_from,
    events_cut.run_to,
    events_cut.changed_in
FROM events_cut;

-- mark: Ask up to which mark the sessions follow the events.
SELECT coalesce(max(sessions.changed_in), 0) AS mark
FROM sessions;

-- clear sessions_new: Make room for what comes next.
DROP TABLE IF EXISTS sessions_new;

-- make sessions_new: Take the events that were written since together, by session.
CREATE TEMPORARY TABLE sessions_new AS
SELECT
    events.session_id,
    events.user_id,
    min(events.timestamp) AS started_at,
    max(events.timestamp) AS ended_at,
    CAST(
        max(
            CAST(
                CASE
                    WHEN isfinite(events.timestamp) THEN EXTRACT(EPOCH FROM events.timestamp)
                END * 1000000 AS BIGINT
            )
        )
            - min(
                CAST(
                    CASE
                        WHEN isfinite(events.timestamp)
                            THEN EXTRACT(EPOCH FROM events.timestamp)
                    END * 1000000 AS BIGINT
                )
            ) AS DOUBLE PRECISION
    ) / 1000000 AS duration_seconds,
    count(*) AS event_count,
    max(events.changed_in) AS changed_in
FROM events
WHERE events.session_id IS NOT NULL AND events.changed_in > 1714557600000000
GROUP BY events.session_id, events.user_id;

-- describe sessions_new: Have the database look at them.
ANALYZE sessions_new;

-- clear sessions_old: Make room for what comes next.
DROP TABLE IF EXISTS sessions_old;

-- make sessions_old: Find the stored sessions whose first event was written since.
CREATE TEMPORARY TABLE sessions_old AS
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

-- describe sessions_old: Have the database look at them.
ANALYZE sessions_old;

-- delete sessions: Delete those sessions that are written anew.
DELETE FROM sessions
WHERE session_id IN (SELECT session_id FROM sessions_old);

-- insert sessions: Insert the sessions as they are now.
INSERT INTO sessions (session_id, user_id, started_at, ended_at, duration_seconds, event_count, changed_in)
SELECT
    sessions_new.session_id,
    sessions_new.user_id,
    sessions_new.started_at,
    sessions_new.ended_at,
    sessions_new.duration_seconds,
    sessions_new.event_count,
    sessions_new.changed_in
FROM sessions_new;

-- new: Say how many events are new.
SELECT count(*) AS rows
FROM events_new;

-- cut: Say how many events were cut anew.
SELECT count(*) AS rows
FROM events_cut;

-- removed: Say how many sessions were replaced.
SELECT count(*) AS rows
FROM sessions_old;

-- changed: Say how many sessions were written.
SELECT count(*) AS rows
FROM sessions_new;
