-- create events: Make it, empty.
CREATE TABLE events
CLUSTER BY (timestamp, user_id) AS
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
        CAST(arriving.user_id AS STRING) || ':' || CAST(unix_micros(arriving.timestamp) AS STRING),
        ''
    ) AS session_id,
    nullif(unix_micros(arriving.timestamp), 0) AS run_from,
    nullif(unix_micros(arriving.timestamp), 0) AS run_to,
    coalesce(unix_micros(arriving.timestamp), 0) AS changed_in
FROM arriving
WHERE 1 = 0;

-- create sessions: Make it, empty.
CREATE TABLE sessions
CLUSTER BY (started_at, user_id) AS
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
        CAST(arriving.user_id AS STRING) || ':' || CAST(unix_micros(arriving.timestamp) AS STRING),
        ''
    ) AS session_id,
    arriving.user_id,
    arriving.timestamp AS started_at,
    arriving.timestamp AS ended_at,
    CAST(unix_micros(arriving.timestamp) AS DOUBLE) AS duration_seconds,
    nullif(unix_micros(arriving.timestamp), 0) AS event_count,
    coalesce(unix_micros(arriving.timestamp), 0) AS changed_in
FROM arriving
WHERE 1 = 0;

-- create events_job: Make it, empty.
CREATE TABLE events_job AS
SELECT
    unix_micros(current_timestamp()) AS mark,
    CAST('{"timeout": "1800000000us", "at_timeout": "same"}' AS STRING) AS rules;
