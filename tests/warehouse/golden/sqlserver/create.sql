-- create events: Make it, empty.
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
        CAST(arriving.user_id AS NVARCHAR(MAX))
            + ':'
            + CAST(DATEDIFF_BIG(MICROSECOND, '1970-01-01', arriving.timestamp) AS NVARCHAR(MAX)),
        ''
    ) AS session_id,
    nullif(DATEDIFF_BIG(MICROSECOND, '1970-01-01', arriving.timestamp), 0) AS run_from,
    nullif(DATEDIFF_BIG(MICROSECOND, '1970-01-01', arriving.timestamp), 0) AS run_to,
    coalesce(DATEDIFF_BIG(MICROSECOND, '1970-01-01', arriving.timestamp), 0) AS changed_in
INTO events
FROM arriving
WHERE 1 = 0;

-- create sessions: Make it, empty.
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
        CAST(arriving.user_id AS NVARCHAR(MAX))
            + ':'
            + CAST(DATEDIFF_BIG(MICROSECOND, '1970-01-01', arriving.timestamp) AS NVARCHAR(MAX)),
        ''
    ) AS session_id,
    arriving.user_id,
    arriving.timestamp AS started_at,
    arriving.timestamp AS ended_at,
    CAST(DATEDIFF_BIG(MICROSECOND, '1970-01-01', arriving.timestamp) AS DOUBLE PRECISION)
        AS duration_seconds,
    nullif(DATEDIFF_BIG(MICROSECOND, '1970-01-01', arriving.timestamp), 0) AS event_count,
    coalesce(DATEDIFF_BIG(MICROSECOND, '1970-01-01', arriving.timestamp), 0) AS changed_in
INTO sessions
FROM arriving
WHERE 1 = 0;

-- create events_job: Make it, empty.
SELECT
    DATEDIFF_BIG(MICROSECOND, '1970-01-01', SYSUTCDATETIME()) AS mark,
    CAST('{"timeout": "1800000000us", "at_timeout": "same"}' AS NVARCHAR(MAX)) AS rules
INTO events_job;
