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
        date(substr(numbered_sessions.started_at, 1, 19), '-6 days', 'weekday 1') AS cohort
    FROM numbered_sessions
    WHERE numbered_sessions.number = 1
),
periods_of_users AS (
    SELECT DISTINCT
        numbered_sessions.user_id,
        date(substr(numbered_sessions.started_at, 1, 19), '-6 days', 'weekday 1') AS start
    FROM numbered_sessions
),
users_in_periods AS (
    SELECT
        first_sessions.cohort,
        (CAST(julianday(periods_of_users.start) - julianday(first_sessions.cohort) AS INTEGER) / 7)
            AS period
    FROM first_sessions
    JOIN periods_of_users ON periods_of_users.user_id = first_sessions.user_id
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
    CAST(counted.returned AS REAL)
        / nullif(max(counted.returned) OVER (PARTITION BY counted.cohort), 0) AS share
FROM counted
ORDER BY counted.cohort NULLS LAST, counted.period
