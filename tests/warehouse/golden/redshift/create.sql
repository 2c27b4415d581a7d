-- create events: Make it, empty.
CREATE TABLE events
DISTKEY (user_id)
SORTKEY (timestamp) AS
WITH arriving AS (
    SELECT
        "raw".clicks.id AS event_id,
        "raw".clicks.customer AS user_id,
        "raw".clicks.at AS "timestamp",
        "raw".clicks.page,
        "raw".clicks.loaded_at
    FROM "raw".clicks
    WHERE "raw".clicks.id IS NOT NULL
)
SELECT
    arriving.event_id,
    arriving.user_id,
    arriving."timestamp",
    arriving.page,
    arriving.loaded_at,
    nullif(
        CAST(arriving.user_id AS VARCHAR(65535)) || ':' || CAST(
            DATEDIFF(microsecond, TIMESTAMP '1970-01-01', arriving."timestamp") AS VARCHAR(65535)
        ),
        ''
    ) AS session_id,
    nullif(DATEDIFF(microsecond, TIMESTAMP '1970-01-01', arriving."timestamp"), 0) AS run_from,
    nullif(DATEDIFF(microsecond, TIMESTAMP '1970-01-01', arriving."timestamp"), 0) AS run_to,
    coalesce(DATEDIFF(microsecond, TIMESTAMP '1970-01-01', arriving."timestamp"), 0)
        AS changed_in
FROM arriving
WHERE 1 = 0;

-- create sessions: Make it, empty.
CREATE TABLE sessions
DISTKEY (user_id)
SORTKEY (started_at) AS
WITH arriving AS (
    SELECT
        "raw".clicks.id AS event_id,
        "raw".clicks.customer AS user_id,
        "raw".clicks.at AS "timestamp",
        "raw".clicks.page,
        "raw".clicks.loaded_at
    FROM "raw".clicks
    WHERE "raw".clicks.id IS NOT NULL
)
SELECT
    nullif(
        CAST(arriving.user_id AS VARCHAR(65535)) || ':' || CAST(
            DATEDIFF(microsecond, TIMESTAMP '1970-01-01', arriving."timestamp") AS VARCHAR(65535)
        ),
        ''
    ) AS session_id,
    arriving.user_id,
    arriving."timestamp" AS started_at,
    arriving."timestamp" AS ended_at,
    CAST(
        DATEDIFF(microsecond, TIMESTAMP '1970-01-01', arriving."timestamp") AS DOUBLE PRECISION
    ) AS duration_seconds,
    nullif(DATEDIFF(microsecond, TIMESTAMP '1970-01-01', arriving."timestamp"), 0)
        AS event_count,
    coalesce(DATEDIFF(microsecond, TIMESTAMP '1970-01-01', arriving."timestamp"), 0)
        AS changed_in
FROM arriving
WHERE 1 = 0;

-- create events_job: Make it, empty.
CREATE TABLE events_job AS
SELECT
    DATEDIFF(microsecond, TIMESTAMP '1970-01-01', SYSDATE) AS mark,
    CAST('{"timeout": "1800000000us", "at_timeout": "same"}' AS VARCHAR(65535)) AS rules;
