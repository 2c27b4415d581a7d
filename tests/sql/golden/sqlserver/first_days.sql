WITH first_days AS (
    SELECT
        sessions.session_id,
        CAST(sessions.started_at AS DATE) AS day,
        DATEADD(
            DAY,
            FLOOR(DATEDIFF(DAY, CAST('1900-01-01' AS DATE), sessions.started_at) / 7.0) * 7,
            CAST('1900-01-01' AS DATE)
        ) AS week,
        DATEADD(
            MONTH,
            DATEDIFF(MONTH, CAST('1900-01-01' AS DATE), sessions.started_at),
            CAST('1900-01-01' AS DATE)
        ) AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    DATEDIFF(DAY, first_days.day, max(first_days.day) OVER ()) AS days_before_last,
    DATEDIFF(WEEK, first_days.week, max(first_days.week) OVER ()) AS weeks_before_last,
    DATEDIFF(MONTH, first_days.month, max(first_days.month) OVER ()) AS months_before_last
FROM first_days
