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
        CAST(arriving.user_id AS TEXT) || ':' || CAST(epoch_us(arriving.timestamp) AS TEXT),
        ''
    ) AS session_id,
    nullif(epoch_us(arriving.timestamp), 0) AS run_from,
    nullif(epoch_us(arriving.timestamp), 0) AS run_to,
    coalesce(epoch_us(arriving.timestamp), 0) AS changed_in
FROM arriving
WHERE 1 = 0;

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
        CAST(arriving.user_id AS TEXT) || ':' || CAST(epoch_us(arriving.timestamp) AS TEXT),
        ''
    ) AS session_id,
    arriving.user_id,
    arriving.timestamp AS started_at,
    arriving.timestamp AS ended_at,
    CAST(epoch_us(arriving.timestamp) AS DOUBLE) AS duration_seconds,
    nullif(epoch_us(arriving.timestamp), 0) AS event_count,
    coalesce(epoch_us(arriving.timestamp), 0) AS changed_in
FROM arriving
WHERE 1 = 0;

-- create events_job: Make it, empty.
CREATE TABLE events_job AS
SELECT
    epoch_us(now()) AS mark,
    CAST('{"timeout": "1800000000us", "at_timeout": "same"}' AS TEXT) AS rules;
