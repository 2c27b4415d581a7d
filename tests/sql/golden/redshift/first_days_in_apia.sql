WITH first_days AS (
    SELECT
        sessions.session_id,
        CAST(
            DATE_TRUNC('day', CONVERT_TIMEZONE('UTC', 'Pacific/Apia', sessions.started_at)) AS DATE
        ) AS day,
        CAST(
            DATE_TRUNC('week', CONVERT_TIMEZONE('UTC', 'Pacific/Apia', sessions.started_at)) AS DATE
        ) AS week,
        CAST(
            DATE_TRUNC('month', CONVERT_TIMEZONE('UTC', 'Pacific/Apia', sessions.started_at))
                AS DATE
        ) AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    DATEDIFF(day, first_days.day, max(first_days.day) OVER ()) AS days_before_last,
    DATEDIFF(week, first_days.week, max(first_days.week) OVER ()) AS weeks_before_last,
    DATEDIFF(month, first_days.month, max(first_days.month) OVER ()) AS months_before_last
FROM first_days
