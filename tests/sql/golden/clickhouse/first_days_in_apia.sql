WITH first_days AS (
    SELECT
        sessions.session_id,
        toDate32(sessions.started_at, 'Pacific/Apia') AS day,
        subtractDays(
            toDate32(sessions.started_at, 'Pacific/Apia'),
            toDayOfWeek(toDate32(sessions.started_at, 'Pacific/Apia')) - 1
        ) AS week,
        subtractDays(
            toDate32(sessions.started_at, 'Pacific/Apia'),
            toDayOfMonth(toDate32(sessions.started_at, 'Pacific/Apia')) - 1
        ) AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    dateDiff('day', first_days.day, max(first_days.day) OVER ()) AS days_before_last,
    dateDiff('week', first_days.week, max(first_days.week) OVER ()) AS weeks_before_last,
    dateDiff('month', first_days.month, max(first_days.month) OVER ()) AS months_before_last
FROM first_days
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
