WITH first_days AS (
    SELECT
        sessions.session_id,
        CAST(date_trunc('day', sessions.started_at AT TIME ZONE 'Pacific/Apia') AS DATE) AS day,
        CAST(date_trunc('week', sessions.started_at AT TIME ZONE 'Pacific/Apia') AS DATE) AS week,
        CAST(date_trunc('month', sessions.started_at AT TIME ZONE 'Pacific/Apia') AS DATE) AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    (max(first_days.day) OVER () - first_days.day) AS days_before_last,
    ((max(first_days.week) OVER () - first_days.week) / 7) AS weeks_before_last,
    (
        CAST(
            EXTRACT(YEAR FROM max(first_days.month) OVER ()) * 12
                + EXTRACT(MONTH FROM max(first_days.month) OVER ()) AS BIGINT
        )
            - CAST(
                EXTRACT(YEAR FROM first_days.month) * 12 + EXTRACT(MONTH FROM first_days.month)
                    AS BIGINT
            )
    ) AS months_before_last
FROM first_days
