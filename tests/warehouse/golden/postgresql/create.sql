-- create events: Make it, empty.
CREATE TABLE events AS
WITH arriving AS (
    SELECT
        raw.clicks.id AS event_id,
        raw.clicks.customer AS user_id,
        raw.clicks.at AS timestamp,
        raw.clicks.page,
        raw.clicks.loaded_at
    FROM raw.clicks
    WHERE raw.clicks.id IS NOT NULL
)
SELECT
    arriving.event_id,
    arriving.user_id,
    arriving.timestamp,
    arriving.page,
    arriving.loaded_at,
    nullif(
        CAST(arriving.user_id AS TEXT) || ':' || CAST(
            CAST(
                CASE
                    WHEN isfinite(arriving.timestamp) THEN EXTRACT(EPOCH FROM arriving.timestamp)
                END * 1000000 AS BIGINT
            ) AS TEXT
        ),
        ''
    ) AS session_id,
    nullif(
        CAST(
            CASE
                WHEN isfinite(arriving.timestamp) THEN EXTRACT(EPOCH FROM arriving.timestamp)
            END * 1000000 AS BIGINT
        ),
        0
    ) AS run_from,
    nullif(
        CAST(
            CASE
                WHEN isfinite(arriving.timestamp) THEN EXTRACT(EPOCH FROM arriving.timestamp)
            END * 1000000 AS BIGINT
        ),
        0
    ) AS run_to,
    coalesce(
        CAST(
            CASE
                WHEN isfinite(arriving.timestamp) THEN EXTRACT(EPOCH FROM arriving.timestamp)
            END * 1000000 AS BIGINT
        ),
        0
    ) AS changed_in
FROM arriving
WHERE 1 = 0;

-- index events: Have its rows at hand.
CREATE UNIQUE INDEX ON events (event_id);

-- index events: Have its rows at hand.
CREATE INDEX ON events (user_id, run_from);

-- index events: Have its rows at hand.
CREATE INDEX ON events (changed_in);

-- create sessions: Make it, empty.
CREATE TABLE sessions AS
WITH arriving AS (
    SELECT
        raw.clicks.id AS event_id,
        raw.clicks.customer AS user_id,
        raw.clicks.at AS timestamp,
        raw.clicks.page,
        raw.clicks.loaded_at
    FROM raw.clicks
    WHERE raw.clicks.id IS NOT NULL
)
SELECT
    nullif(
        CAST(arriving.user_id AS TEXT) || ':' || CAST(
            CAST(
                CASE
                    WHEN isfinite(arriving.timestamp) THEN EXTRACT(EPOCH FROM arriving.timestamp)
                END * 1000000 AS BIGINT
            ) AS TEXT
        ),
        ''
    ) AS session_id,
    arriving.user_id,
    arriving.timestamp AS started_at,
    arriving.timestamp AS ended_at,
    CAST(
        CAST(
            CASE
                WHEN isfinite(arriving.timestamp) THEN EXTRACT(EPOCH FROM arriving.timestamp)
            END * 1000000 AS BIGINT
        ) AS DOUBLE PRECISION
    ) AS duration_seconds,
    nullif(
        CAST(
            CASE
                WHEN isfinite(arriving.timestamp) THEN EXTRACT(EPOCH FROM arriving.timestamp)
            END * 1000000 AS BIGINT
        ),
        0
    ) AS event_count,
    coalesce(
        CAST(
            CASE
                WHEN isfinite(arriving.timestamp) THEN EXTRACT(EPOCH FROM arriving.timestamp)
            END * 1000000 AS BIGINT
        ),
        0
    ) AS changed_in
FROM arriving
WHERE 1 = 0;

-- index sessions: Have its rows at hand.
CREATE UNIQUE INDEX ON sessions (session_id);

-- index sessions: Have its rows at hand.
CREATE INDEX ON sessions (user_id, started_at);

-- index sessions: Have its rows at hand.
CREATE INDEX ON sessions (changed_in);

-- create events_job: Make it, empty.
CREATE TABLE events_job AS
SELECT
    CAST(CASE WHEN isfinite(now()) THEN EXTRACT(EPOCH FROM now()) END * 1000000 AS BIGINT)
        AS mark,
    CAST('{"timeout": "1800000000us", "at_timeout": "same"}' AS TEXT) AS rules;
