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
        concat(
            CAST(arriving.user_id AS CHAR CHARACTER SET utf8mb4),
            ':',
            CAST(
                TIMESTAMPDIFF(
                    MICROSECOND,
                    '1970-01-01',
                    arriving.timestamp
                ) AS CHAR CHARACTER SET utf8mb4
            )
        ),
        ''
    ) AS session_id,
    nullif(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', arriving.timestamp), 0) AS run_from,
    nullif(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', arriving.timestamp), 0) AS run_to,
    coalesce(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', arriving.timestamp), 0) AS changed_in
FROM arriving
WHERE 1 = 0;

-- index events: Have its rows at hand.
CREATE INDEX events_0 ON events (event_id);

-- index events: Have its rows at hand.
CREATE INDEX events_2 ON events (user_id, run_from);

-- index events: Have its rows at hand.
CREATE INDEX events_4 ON events (changed_in);

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
        concat(
            CAST(arriving.user_id AS CHAR CHARACTER SET utf8mb4),
            ':',
            CAST(
                TIMESTAMPDIFF(
                    MICROSECOND,
                    '1970-01-01',
                    arriving.timestamp
                ) AS CHAR CHARACTER SET utf8mb4
            )
        ),
        ''
    ) AS session_id,
    arriving.user_id,
    arriving.timestamp AS started_at,
    arriving.timestamp AS ended_at,
    CAST(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', arriving.timestamp) AS DOUBLE)
        AS duration_seconds,
    nullif(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', arriving.timestamp), 0) AS event_count,
    coalesce(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', arriving.timestamp), 0) AS changed_in
FROM arriving
WHERE 1 = 0;

-- index sessions: Have its rows at hand.
CREATE INDEX sessions_3 ON sessions (user_id, started_at);

-- index sessions: Have its rows at hand.
CREATE INDEX sessions_4 ON sessions (changed_in);

-- create events_job: Make it, empty.
CREATE TABLE events_job AS
SELECT
    TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) AS mark,
    CAST('{"timeout": "1800000000us", "at_timeout": "same"}' AS CHAR CHARACTER SET utf8mb4)
        AS rules;
