WITH numbered_events AS (
    SELECT
        events.session_id,
        events.referrer,
        row_number() OVER (
            PARTITION BY events.session_id
            ORDER BY
                events.timestamp,
                CASE WHEN events.event_id IS NULL THEN 1 ELSE 0 END,
                events.event_id
        ) AS event_number
    FROM events
    WHERE events.session_id IS NOT NULL
),
first_events AS (
    SELECT
        numbered_events.session_id,
        numbered_events.referrer
    FROM numbered_events
    WHERE numbered_events.event_number = 1
),
kept_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        first_events.referrer AS key_1
    FROM sessions
    JOIN first_events ON first_events.session_id = sessions.session_id
),
numbered_sessions AS (
    SELECT
        kept_sessions.session_id,
        kept_sessions.user_id,
        kept_sessions.started_at,
        kept_sessions.ended_at,
        kept_sessions.duration_seconds,
        kept_sessions.event_count,
        kept_sessions.key_1,
        row_number() OVER (
            PARTITION BY kept_sessions.user_id
            ORDER BY kept_sessions.started_at, kept_sessions.session_id
        ) AS number
    FROM kept_sessions
),
active_users AS (
    SELECT DISTINCT
        numbered_sessions.key_1,
        numbered_sessions.user_id,
        DATEADD(
            DAY,
            FLOOR(DATEDIFF(DAY, CAST('1900-01-01' AS DATE), numbered_sessions.started_at) / 7.0) * 7,
            CAST('1900-01-01' AS DATE)
        ) AS cohort
    FROM numbered_sessions
),
periods_of_users AS (
    SELECT DISTINCT
        numbered_sessions.user_id,
        DATEADD(
            DAY,
            FLOOR(DATEDIFF(DAY, CAST('1900-01-01' AS DATE), numbered_sessions.started_at) / 7.0) * 7,
            CAST('1900-01-01' AS DATE)
        ) AS start
    FROM numbered_sessions
),
users_in_periods AS (
    SELECT DISTINCT
        active_users.key_1,
        active_users.user_id,
        active_users.cohort,
        DATEDIFF(WEEK, active_users.cohort, periods_of_users.start) AS period
    FROM active_users
    JOIN periods_of_users
        ON periods_of_users.user_id = active_users.user_id
        AND periods_of_users.start >= active_users.cohort
),
counted AS (
    SELECT
        users_in_periods.key_1,
        users_in_periods.cohort,
        users_in_periods.period,
        count(*) AS returned
    FROM users_in_periods
    GROUP BY users_in_periods.key_1, users_in_periods.cohort, users_in_periods.period
)
SELECT
    counted.key_1 AS referrer,
    counted.cohort,
    counted.period,
    max(counted.returned) OVER (PARTITION BY counted.key_1, counted.cohort) AS users,
    counted.returned,
    CAST(counted.returned AS DOUBLE PRECISION) / nullif(
        max(counted.returned) OVER (PARTITION BY counted.key_1, counted.cohort),
        0
    ) AS share
FROM counted
WHERE counted.period <= 1
ORDER BY
    CASE WHEN counted.key_1 IS NULL THEN 1 ELSE 0 END,
    counted.key_1,
    CASE WHEN counted.cohort IS NULL THEN 1 ELSE 0 END,
    counted.cohort,
    counted.period
