-- create events_versions: Make it, empty.
CREATE TABLE events_versions
ENGINE = ReplacingMergeTree(changed_in)
ORDER BY event_id
PARTITION BY toYYYYMM(timestamp)
SETTINGS allow_nullable_key = 1 AS
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
        toString(arriving.user_id) || ':' || toString(toUnixTimestamp64Micro(arriving.timestamp)),
        ''
    ) AS session_id,
    nullif(toUnixTimestamp64Micro(arriving.timestamp), 0) AS run_from,
    nullif(toUnixTimestamp64Micro(arriving.timestamp), 0) AS run_to,
    coalesce(toUnixTimestamp64Micro(arriving.timestamp), 0) AS changed_in
FROM arriving
WHERE 1 = 0
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1;

-- create sessions_versions: Make it, empty.
CREATE TABLE sessions_versions
ENGINE = ReplacingMergeTree(changed_in)
ORDER BY session_id
SETTINGS allow_nullable_key = 1 AS
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
        toString(arriving.user_id) || ':' || toString(toUnixTimestamp64Micro(arriving.timestamp)),
        ''
    ) AS session_id,
    arriving.user_id,
    arriving.timestamp AS started_at,
    arriving.timestamp AS ended_at,
    toFloat64(toUnixTimestamp64Micro(arriving.timestamp)) AS duration_seconds,
    nullif(toUnixTimestamp64Micro(arriving.timestamp), 0) AS event_count,
    coalesce(toUnixTimestamp64Micro(arriving.timestamp), 0) AS changed_in,
    coalesce(toUnixTimestamp64Micro(arriving.timestamp), 0) AS is_gone
FROM arriving
WHERE 1 = 0
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1;

-- create events_job: Make it, empty.
CREATE TABLE events_job
ENGINE = MergeTree ORDER BY tuple() AS
SELECT
    toUnixTimestamp64Micro(now64(6, 'UTC')) AS mark,
    toString('{"timeout": "1800000000us", "at_timeout": "same"}') AS rules
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1;

-- create events: Make it, empty.
CREATE VIEW events AS
SELECT event_id, user_id, timestamp, page, loaded_at, session_id, run_from, run_to, changed_in
FROM events_versions FINAL;

-- create sessions: Make it, empty.
CREATE VIEW sessions AS
SELECT session_id, user_id, started_at, ended_at, duration_seconds, event_count, changed_in
FROM sessions_versions FINAL
WHERE is_gone = 0;
