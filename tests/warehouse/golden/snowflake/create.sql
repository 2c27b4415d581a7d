-- create events: Make it, empty.
CREATE TABLE events
CLUSTER BY (TO_DATE(timestamp)) AS
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
        CAST(arriving.user_id AS VARCHAR)
            || ':'
            || CAST(DATE_PART(EPOCH_MICROSECOND, arriving.timestamp) AS VARCHAR),
        ''
    ) AS session_id,
    nullif(DATE_PART(EPOCH_MICROSECOND, arriving.timestamp), 0) AS run_from,
    nullif(DATE_PART(EPOCH_MICROSECOND, arriving.timestamp), 0) AS run_to,
    coalesce(DATE_PART(EPOCH_MICROSECOND, arriving.timestamp), 0) AS changed_in
FROM arriving
WHERE 1 = 0;

-- create sessions: Make it, empty.
CREATE TABLE sessions
CLUSTER BY (TO_DATE(started_at)) AS
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
        CAST(arriving.user_id AS VARCHAR)
            || ':'
            || CAST(DATE_PART(EPOCH_MICROSECOND, arriving.timestamp) AS VARCHAR),
        ''
    ) AS session_id,
    arriving.user_id,
    arriving.timestamp AS started_at,
    arriving.timestamp AS ended_at,
    CAST(DATE_PART(EPOCH_MICROSECOND, arriving.timestamp) AS FLOAT) AS duration_seconds,
    nullif(DATE_PART(EPOCH_MICROSECOND, arriving.timestamp), 0) AS event_count,
    coalesce(DATE_PART(EPOCH_MICROSECOND, arriving.timestamp), 0) AS changed_in
FROM arriving
WHERE 1 = 0;

-- create events_job: Make it, empty.
CREATE TABLE events_job AS
SELECT
    DATE_PART(EPOCH_MICROSECOND, SYSDATE()) AS mark,
    CAST('{"timeout": "1800000000us", "at_timeout": "same"}' AS VARCHAR) AS rules;
