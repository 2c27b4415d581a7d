WITH first_days AS (
    SELECT
        sessions.session_id,
        CAST(CONVERT_TIMEZONE('UTC', 'Pacific/Apia', sessions.started_at) AS DATE) AS day,
        DATEADD(
            day,
            1 - DAYOFWEEKISO(CAST(CONVERT_TIMEZONE('UTC', 'Pacific/Apia', sessions.started_at) AS DATE)),
            CAST(CONVERT_TIMEZONE('UTC', 'Pacific/Apia', sessions.started_at) AS DATE)
        ) AS week,
        DATEADD(
            day,
            1 - DAYOFMONTH(CAST(CONVERT_TIMEZONE('UTC', 'Pacific/Apia', sessions.started_at) AS DATE)),
            CAST(CONVERT_TIMEZONE('UTC', 'Pacific/Apia', sessions.started_at) AS DATE)
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
