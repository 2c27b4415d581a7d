WITH first_days AS (
    SELECT
        sessions.session_id,
        CAST(
            date_trunc('day', with_timezone(sessions.started_at, 'UTC') AT TIME ZONE 'Pacific/Apia')
                AS DATE
        ) AS day,
        CAST(
            date_trunc(
                'week',
                with_timezone(sessions.started_at, 'UTC') AT TIME ZONE 'Pacific/Apia'
            ) AS DATE
        ) AS week,
        CAST(
            date_trunc(
                'month',
                with_timezone(sessions.started_at, 'UTC') AT TIME ZONE 'Pacific/Apia'
            ) AS DATE
        ) AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    date_diff('day', first_days.day, max(first_days.day) OVER ()) AS days_before_last,
    date_diff('week', first_days.week, max(first_days.week) OVER ()) AS weeks_before_last,
    date_diff('month', first_days.month, max(first_days.month) OVER ()) AS months_before_last
FROM first_days
