WITH numbered_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        sessions.start_reason,
        row_number() OVER (
            PARTITION BY sessions.user_id
            ORDER BY sessions.started_at, sessions.session_id
        ) AS number
    FROM sessions
),
first_sessions AS (
    SELECT
        numbered_sessions.user_id,
        DATE(numbered_sessions.started_at, 'UTC') AS cohort,
        numbered_sessions.started_at AS first_at
    FROM numbered_sessions
    WHERE numbered_sessions.number = 1
),
users_in_periods AS (
    SELECT DISTINCT
        first_sessions.user_id,
        first_sessions.cohort,
        CAST(
            CAST(
                TIMESTAMP_DIFF(numbered_sessions.started_at, first_sessions.first_at, MICROSECOND)
                    - mod(
                        TIMESTAMP_DIFF(numbered_sessions.started_at, first_sessions.first_at, MICROSECOND),
                        86400000000
                    ) AS FLOAT64
            ) / 86400000000 AS INT64
        ) AS period
    FROM first_sessions
    JOIN numbered_sessions
        ON numbered_sessions.user_id = first_sessions.user_id
        AND numbered_sessions.started_at >= first_sessions.first_at
),
counted AS (
    SELECT
        users_in_periods.cohort,
        users_in_periods.period,
        count(*) AS returned
    FROM users_in_periods
    GROUP BY users_in_periods.cohort, users_in_periods.period
)
SELECT
    counted.cohort,
    counted.period,
    max(counted.returned) OVER (PARTITION BY counted.cohort) AS users,
    counted.returned,
    CAST(counted.returned AS FLOAT64)
        / nullif(max(counted.returned) OVER (PARTITION BY counted.cohort), 0) AS share
FROM counted
ORDER BY counted.cohort IS NULL, counted.cohort, counted.period
