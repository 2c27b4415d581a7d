-- create events: Make it, empty.
CREATE TABLE events
PARTITION BY DATE(timestamp)
CLUSTER BY user_id AS
WITH arriving AS (
    SELECT
        clicks.id AS event_id,
        clicks.customer AS user_id,
        clicks.`at` AS timestamp,
        clicks.page,
        clicks.loaded_at
    FROM raw.clicks
    WHERE clicks.id IS NOT NULL
)
SELECT
    arriving.event_id,
    arriving.user_id,
    arriving.timestamp,
    arriving.page,
    arriving.loaded_at,
    nullif(
        CAST(arriving.user_id AS STRING) || ':' || CAST(UNIX_MICROS(arriving.timestamp) AS STRING),
        ''
    ) AS session_id,
    nullif(UNIX_MICROS(arriving.timestamp), 0) AS run_from,
    nullif(UNIX_MICROS(arriving.timestamp), 0) AS run_to,
    coalesce(UNIX_MICROS(arriving.timestamp), 0) AS changed_in
FROM arriving
WHERE 1 = 0;

-- create sessions: Make it, empty.
CREATE TABLE sessions
PARTITION BY DATE(started_at)
CLUSTER BY user_id AS
WITH arriving AS (
    SELECT
        clicks.id AS event_id,
        clicks.customer AS user_id,
        clicks.`at` AS timestamp,
        clicks.page,
        clicks.loaded_at
    FROM raw.clicks
    WHERE clicks.id IS NOT NULL
)
SELECT
    nullif(
        CAST(arriving.user_id AS STRING) || ':' || CAST(UNIX_MICROS(arriving.timestamp) AS STRING),
        ''
    ) AS session_id,
    arriving.user_id,
    arriving.timestamp AS started_at,
    arriving.timestamp AS ended_at,
    CAST(UNIX_MICROS(arriving.timestamp) AS FLOAT64) AS duration_seconds,
    nullif(UNIX_MICROS(arriving.timestamp), 0) AS event_count,
    coalesce(UNIX_MICROS(arriving.timestamp), 0) AS changed_in
FROM arriving
WHERE 1 = 0;

-- create events_job: Make it, empty.
CREATE TABLE events_job AS
SELECT
    UNIX_MICROS(CURRENT_TIMESTAMP()) AS mark,
    CAST('{"timeout": "1800000000us", "at_timeout": "same"}' AS STRING) AS rules;
