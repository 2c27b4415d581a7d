-- create events: Make it, empty.
CREATE TABLE events
WITH (partitioning = ARRAY['day(timestamp)']) AS
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
        CAST(arriving.user_id AS VARCHAR) || ':' || CAST(
            CAST(CAST(to_unixtime(arriving.timestamp) AS DECIMAL(20, 6)) * 1000000 AS BIGINT)
                AS VARCHAR
        ),
        ''
    ) AS session_id,
    nullif(CAST(CAST(to_unixtime(arriving.timestamp) AS DECIMAL(20, 6)) * 1000000 AS BIGINT), 0)
        AS run_from,
    nullif(CAST(CAST(to_unixtime(arriving.timestamp) AS DECIMAL(20, 6)) * 1000000 AS BIGINT), 0)
        AS run_to,
    coalesce(
        CAST(CAST(to_unixtime(arriving.timestamp) AS DECIMAL(20, 6)) * 1000000 AS BIGINT),
        0
    ) AS changed_in
FROM arriving
WHERE 1 = 0;

-- create sessions: Make it, empty.
CREATE TABLE sessions
WITH (partitioning = ARRAY['day(started_at)']) AS
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
        CAST(arriving.user_id AS VARCHAR) || ':' || CAST(
            CAST(CAST(to_unixtime(arriving.timestamp) AS DECIMAL(20, 6)) * 1000000 AS BIGINT)
                AS VARCHAR
        ),
        ''
    ) AS session_id,
    arriving.user_id,
    arriving.timestamp AS started_at,
    arriving.timestamp AS ended_at,
    CAST(
        CAST(CAST(to_unixtime(arriving.timestamp) AS DECIMAL(20, 6)) * 1000000 AS BIGINT)
            AS DOUBLE
    ) AS duration_seconds,
    nullif(CAST(CAST(to_unixtime(arriving.timestamp) AS DECIMAL(20, 6)) * 1000000 AS BIGINT), 0)
        AS event_count,
    coalesce(
        CAST(CAST(to_unixtime(arriving.timestamp) AS DECIMAL(20, 6)) * 1000000 AS BIGINT),
        0
    ) AS changed_in
FROM arriving
WHERE 1 = 0;

-- create events_job: Make it, empty.
CREATE TABLE events_job AS
SELECT
    CAST(
        CAST(
            to_unixtime(
                CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP(6))
            ) AS DECIMAL(20, 6)
        ) * 1000000 AS BIGINT
    ) AS mark,
    CAST('{"timeout": "1800000000us", "at_timeout": "same"}' AS VARCHAR) AS rules;
