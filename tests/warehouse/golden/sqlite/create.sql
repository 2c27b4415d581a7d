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
            (
                CAST(strftime('%s', substr(arriving.timestamp, 1, 19)) AS INTEGER) * 1000000
                    + CAST(substr(substr(arriving.timestamp, 21) || '000000', 1, 6) AS INTEGER)
            ) AS TEXT
        ),
        ''
    ) AS session_id,
    nullif(
        (
            CAST(strftime('%s', substr(arriving.timestamp, 1, 19)) AS INTEGER) * 1000000
                + CAST(substr(substr(arriving.timestamp, 21) || '000000', 1, 6) AS INTEGER)
        ),
        0
    ) AS run_from,
    nullif(
        (
            CAST(strftime('%s', substr(arriving.timestamp, 1, 19)) AS INTEGER) * 1000000
                + CAST(substr(substr(arriving.timestamp, 21) || '000000', 1, 6) AS INTEGER)
        ),
        0
    ) AS run_to,
    coalesce(
        (
            CAST(strftime('%s', substr(arriving.timestamp, 1, 19)) AS INTEGER) * 1000000
                + CAST(substr(substr(arriving.timestamp, 21) || '000000', 1, 6) AS INTEGER)
        ),
        0
    ) AS changed_in
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
        CAST(arriving.user_id AS TEXT) || ':' || CAST(
            (
                CAST(strftime('%s', substr(arriving.timestamp, 1, 19)) AS INTEGER) * 1000000
                    + CAST(substr(substr(arriving.timestamp, 21) || '000000', 1, 6) AS INTEGER)
            ) AS TEXT
        ),
        ''
    ) AS session_id,
    arriving.user_id,
    arriving.timestamp AS started_at,
    arriving.timestamp AS ended_at,
    CAST(
        (
            CAST(strftime('%s', substr(arriving.timestamp, 1, 19)) AS INTEGER) * 1000000
                + CAST(substr(substr(arriving.timestamp, 21) || '000000', 1, 6) AS INTEGER)
        ) AS REAL
    ) AS duration_seconds,
    nullif(
        (
            CAST(strftime('%s', substr(arriving.timestamp, 1, 19)) AS INTEGER) * 1000000
                + CAST(substr(substr(arriving.timestamp, 21) || '000000', 1, 6) AS INTEGER)
        ),
        0
    ) AS event_count,
    coalesce(
        (
            CAST(strftime('%s', substr(arriving.timestamp, 1, 19)) AS INTEGER) * 1000000
                + CAST(substr(substr(arriving.timestamp, 21) || '000000', 1, 6) AS INTEGER)
        ),
        0
    ) AS changed_in
FROM arriving
WHERE 1 = 0;

-- create events_job: Make it, empty.
CREATE TABLE events_job AS
SELECT
    (
        CAST(strftime('%s', substr(strftime('%Y-%m-%d %H:%M:%f', 'now'), 1, 19)) AS INTEGER)
            * 1000000
            + CAST(
                substr(substr(strftime('%Y-%m-%d %H:%M:%f', 'now'), 21) || '000000', 1, 6)
                    AS INTEGER
            )
    ) AS mark,
    CAST('{"timeout": "1800000000us", "at_timeout": "same"}' AS TEXT) AS rules;
