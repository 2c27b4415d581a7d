-- claim: Count on, which another job at the same time has to wait for, or is refused.
UPDATE events_job
SET mark = mark + 1;

-- mark: Take the clock, unless it went back.
UPDATE events_job
SET mark = (DATEDIFF_BIG(MICROSECOND, '1970-01-01', SYSUTCDATETIME()))
WHERE mark < (DATEDIFF_BIG(MICROSECOND, '1970-01-01', SYSUTCDATETIME()));

-- mark: Be later than all that the sessions know.
UPDATE events_job
SET mark = ((SELECT max(sessions.changed_in) + 1 AS anon_1 FROM sessions))
WHERE mark < ((SELECT max(sessions.changed_in) + 1 AS anon_1 FROM sessions));

-- loaded: Ask when the last of the stored events was loaded.
SELECT max(events.loaded_at) AS loaded
FROM events;

-- clear #events_new: Make room for what comes next.
DROP TABLE IF EXISTS [#events_new];

-- make #events_new: Keep the rows whose id is not stored yet, one of each id.
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
                CASE WHEN arriving.loaded_at IS NULL THEN 1 ELSE 0 END,
                arriving.loaded_at,
                CASE
                    WHEN DATEDIFF_BIG(MICROSECOND, '1970-01-01', arriving.timestamp) IS NULL THEN 1
                    ELSE 0
                END,
                DATEDIFF_BIG(MICROSECOND, '1970-01-01', arriving.timestamp),
                CASE
                    WHEN CAST(
                        CAST(arriving.user_id AS NVARCHAR(MAX)) AS NVARCHAR(MAX)
                    ) COLLATE Latin1_General_100_BIN2 IS NULL
                        THEN 1
                    ELSE 0
                END,
                CAST(
                    CAST(arriving.user_id AS NVARCHAR(MAX)) AS NVARCHAR(MAX)
                ) COLLATE Latin1_General_100_BIN2,
                CASE
                    WHEN CAST(
                        CAST(arriving.page AS NVARCHAR(MAX)) AS NVARCHAR(MAX)
                    ) COLLATE Latin1_General_100_BIN2 IS NULL
                        THEN 1
                    ELSE 0
                END,
                CAST(CAST(arriving.page AS NVARCHAR(MAX)) AS NVARCHAR(MAX)) COLLATE Latin1_General_100_BIN2,
                CASE
                    WHEN CAST(
                        CAST(arriving.loaded_at AS NVARCHAR(MAX)) AS NVARCHAR(MAX)
                    ) COLLATE Latin1_General_100_BIN2 IS NULL
                        THEN 1
                    ELSE 0
                END,
                CAST(
                    CAST(arriving.loaded_at AS NVARCHAR(MAX)) AS NVARCHAR(MAX)
                ) COLLATE Latin1_General_100_BIN2
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
INTO [#events_new]
FROM absent
WHERE absent.nth_of_id = 1;

-- around: Ask on which days a stored event can be within a pause of a new one.
WITH stretches AS (
    SELECT
        DATEDIFF_BIG(MICROSECOND, '1970-01-01', [#events_new].timestamp) - 1800000000 AS since,
        DATEDIFF_BIG(MICROSECOND, '1970-01-01', [#events_new].timestamp) + 1800000000 AS until
    FROM [#events_new]
    WHERE DATEDIFF_BIG(MICROSECOND, '1970-01-01', [#events_new].timestamp) - 1800000000 IS NOT NULL
)
SELECT DISTINCT
    stretches.since - CASE WHEN (
        (stretches.since) % 86400000000
    ) < 0 THEN (
        (stretches.since) % 86400000000
    ) + 86400000000 ELSE ((stretches.since) % 86400000000) END AS first_day,
    stretches.until - CASE WHEN (
        (stretches.until) % 86400000000
    ) < 0 THEN (
        (stretches.until) % 86400000000
    ) + 86400000000 ELSE ((stretches.until) % 86400000000) END AS last_day
FROM stretches;

-- clear #events_near: Make room for what comes next.
DROP TABLE IF EXISTS [#events_near];

-- make #events_near: Keep the stretches between two pauses that a new event is in, or joins.
WITH runs AS (
    SELECT DISTINCT
        events.user_id,
        events.run_from,
        events.run_to
    FROM events
    WHERE events.user_id IN (
        SELECT [#events_new].user_id
        FROM [#events_new]
        WHERE [#events_new].user_id IS NOT NULL
    )
        AND events.run_from IS NOT NULL
        AND (
            events.timestamp >= CAST('2024-05-01 00:00:00.000000' AS DATETIME2(6))
                AND events.timestamp < CAST('2024-05-03 00:00:00.000000' AS DATETIME2(6))
                OR events.timestamp >= CAST('2024-06-26 00:00:00.000000' AS DATETIME2(6))
                    AND events.timestamp < CAST('2024-06-27 00:00:00.000000' AS DATETIME2(6))
        )
),
points AS (
    SELECT
        [#events_new].user_id,
        DATEDIFF_BIG(MICROSECOND, '1970-01-01', [#events_new].timestamp) AS reached_at,
        DATEDIFF_BIG(MICROSECOND, '1970-01-01', [#events_new].timestamp) AS new_at,
        DATEDIFF_BIG(MICROSECOND, '1970-01-01', [#events_new].timestamp) AS run_from,
        DATEDIFF_BIG(MICROSECOND, '1970-01-01', [#events_new].timestamp) AS run_to,
        0 AS is_run
    FROM [#events_new]
    WHERE [#events_new].user_id IS NOT NULL
        AND DATEDIFF_BIG(MICROSECOND, '1970-01-01', [#events_new].timestamp) IS NOT NULL
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
            PARTITION BY CAST(points.user_id AS NVARCHAR(MAX)) COLLATE Latin1_General_100_BIN2
            ORDER BY points.reached_at, points.is_run
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS latest
    FROM points
)
SELECT
    met.user_id,
    met.run_from,
    max(met.run_to) AS run_to
INTO [#events_near]
FROM met
WHERE met.is_run = 1 AND met.latest >= met.run_from - 1800000000
GROUP BY met.user_id, met.run_from;

-- near: Ask on which days these stretches lie, from their beginning to their end.
WITH stretches AS (
    SELECT
        [#events_near].run_from AS since,
        [#events_near].run_to AS until
    FROM [#events_near]
    WHERE [#events_near].run_from IS NOT NULL
)
SELECT DISTINCT
    stretches.since - CASE WHEN (
        (stretches.since) % 86400000000
    ) < 0 THEN (
        (stretches.since) % 86400000000
    ) + 86400000000 ELSE ((stretches.since) % 86400000000) END AS first_day,
    stretches.until - CASE WHEN (
        (stretches.until) % 86400000000
    ) < 0 THEN (
        (stretches.until) % 86400000000
    ) + 86400000000 ELSE ((stretches.until) % 86400000000) END AS last_day
FROM stretches;

-- clear #events_cut: Make room for what comes next.
DROP TABLE IF EXISTS [#events_cut];

-- make #events_cut: Cut the new events and those near them.
WITH pool AS (
    SELECT
        [#events_new].event_id,
        [#events_new].user_id,
        [#events_new].timestamp,
        [#events_new].page,
        [#events_new].loaded_at
    FROM [#events_new]
    UNION ALL
    SELECT
        events.event_id,
        events.user_id,
        events.timestamp,
        events.page,
        events.loaded_at
    FROM events
    JOIN [#events_near]
        ON events.user_id = [#events_near].user_id
        AND events.run_from = [#events_near].run_from
    WHERE events.timestamp >= CAST('2024-05-01 00:00:00.000000' AS DATETIME2(6))
        AND events.timestamp < CAST('2024-05-03 00:00:00.000000' AS DATETIME2(6))
        OR events.timestamp >= CAST('2024-06-26 00:00:00.000000' AS DATETIME2(6))
            AND events.timestamp < CAST('2024-06-27 00:00:00.000000' AS DATETIME2(6))
),
known AS (
    SELECT
        pool.event_id,
        pool.user_id,
        pool.timestamp,
        pool.page,
        pool.loaded_at,
        CASE WHEN pool.user_id IS NULL OR pool.timestamp IS NULL THEN 0 ELSE 1 END AS counts,
        DATEDIFF_BIG(MICROSECOND, '1970-01-01', pool.timestamp) AS instant
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
            PARTITION BY
                CAST(known.user_id AS NVARCHAR(MAX)) COLLATE Latin1_General_100_BIN2,
                known.counts
            ORDER BY known.instant
        ) AS previous_instant,
        row_number() OVER (
            PARTITION BY
                CAST(known.user_id AS NVARCHAR(MAX)) COLLATE Latin1_General_100_BIN2,
                known.counts
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
                PARTITION BY
                    CAST(marked.user_id AS NVARCHAR(MAX)) COLLATE Latin1_General_100_BIN2,
                    marked.counts
                ORDER BY marked.place
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS ordinal,
        max(CASE WHEN marked.begins > 0 THEN marked.instant END) OVER (
            PARTITION BY
                CAST(marked.user_id AS NVARCHAR(MAX)) COLLATE Latin1_General_100_BIN2,
                marked.counts
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
                THEN CAST(numbered.user_id AS NVARCHAR(MAX))
                    + ':'
                    + CAST(numbered.started AS NVARCHAR(MAX))
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
                DATEDIFF_BIG(MICROSECOND, '1970-01-01', cut.timestamp)
            ) OVER (PARTITION BY cut.session_id)
    END AS run_from,
    CASE
        WHEN cut.session_id IS NOT NULL
            THEN max(
                DATEDIFF_BIG(MICROSECOND, '1970-01-01', cut.timestamp)
            ) OVER (PARTITION BY cut.session_id)
    END AS run_to,
    (
        SELECT events_job.mark
        FROM events_job
    ) AS changed_in
INTO [#events_cut]
FROM cut;

-- delete events: Delete those events that are written anew.
DELETE FROM events
WHERE event_id IN (SELECT event_id FROM [#events_cut])
    AND (events.timestamp >= CAST('2024-05-01 00:00:00.000000' AS DATETIME2(6)) AND events.timestamp < CAST('2024-05-03 00:00:00.000000' AS DATETIME2(6)) OR events.timestamp >= CAST('2024-06-26 00:00:00.000000' AS DATETIME2(6)) AND events.timestamp < CAST('2024-06-27 00:00:00.000000' AS DATETIME2(6)));

-- insert events: Insert the events as they are now.
INSERT INTO events (event_id, user_id, timestamp, page, loaded_at, session_id, run_from, run_to, changed_in)
SELECT
    [#events_cut].event_id,
    [#events_cut].user_id,
    [#events_cut].timestamp,
    [#events_cut].page,
    [#events_cut].loaded_at,
    [#events_cut].session_id,
    [#events_cut].run_from,
    [#events_cut].run_to,
    [#events_cut].changed_in
FROM [#events_cut];

-- mark: Ask up to which mark the sessions follow the events.
SELECT coalesce(max(sessions.changed_in), 0) AS mark
FROM sessions;

-- clear #sessions_new: Make room for what comes next.
DROP TABLE IF EXISTS [#sessions_new];

-- make #sessions_new: Take the events that were written since together, by session.
SELECT
    events.session_id,
    events.user_id,
    min(events.timestamp) AS started_at,
    max(events.timestamp) AS ended_at,
    CAST(
        max(DATEDIFF_BIG(MICROSECOND, '1970-01-01', events.timestamp))
            - min(DATEDIFF_BIG(MICROSECOND, '1970-01-01', events.timestamp)) AS DOUBLE PRECISION
    ) / 1000000 AS duration_seconds,
    count(*) AS event_count,
    max(events.changed_in) AS changed_in
INTO [#sessions_new]
FROM events
WHERE events.session_id IS NOT NULL AND events.changed_in > 1714557600000000
GROUP BY events.session_id, events.user_id;

-- clear #sessions_old: Make room for what comes next.
DROP TABLE IF EXISTS [#sessions_old];

-- make #sessions_old: Find the stored sessions whose first event was written since.
WITH moments AS (
    SELECT DISTINCT
        events.user_id,
        events.timestamp
    FROM events
    WHERE events.user_id IS NOT NULL AND events.changed_in > 1714557600000000
)
SELECT DISTINCT sessions.session_id
INTO [#sessions_old]
FROM sessions
JOIN moments ON sessions.user_id = moments.user_id AND sessions.started_at = moments.timestamp;

-- delete sessions: Delete those sessions that are written anew.
DELETE FROM sessions
WHERE session_id IN (SELECT session_id FROM [#sessions_old]);

-- insert sessions: Insert the sessions as they are now.
INSERT INTO sessions (session_id, user_id, started_at, ended_at, duration_seconds, event_count, changed_in)
SELECT
    [#sessions_new].session_id,
    [#sessions_new].user_id,
    [#sessions_new].started_at,
    [#sessions_new].ended_at,
    [#sessions_new].duration_seconds,
    [#sessions_new].event_count,
    [#sessions_new].changed_in
FROM [#sessions_new];

-- new: Say how many events are new.
SELECT count(*) AS rows
FROM [#events_new];

-- cut: Say how many events were cut anew.
SELECT count(*) AS rows
FROM [#events_cut];

-- removed: Say how many sessions were replaced.
SELECT count(*) AS rows
FROM [#sessions_old];

-- changed: Say how many sessions were written.
SELECT count(*) AS rows
FROM [#sessions_new];
