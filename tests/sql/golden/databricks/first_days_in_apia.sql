WITH first_days AS (
    SELECT
        sessions.session_id,
        CAST(
            convert_timezone(
                'UTC',
                'Pacific/Apia',
                timestampadd(MICROSECOND, unix_micros(sessions.started_at), TIMESTAMP_NTZ '1970-01-01')
            ) AS DATE
        ) AS day,
        CAST(
            trunc(
                CAST(
                    convert_timezone(
                        'UTC',
                        'Pacific/Apia',
                        timestampadd(MICROSECOND, unix_micros(sessions.started_at), TIMESTAMP_NTZ '1970-01-01')
                    ) AS DATE
                ),
                'week'
            ) AS DATE
        ) AS week,
        CAST(
            trunc(
                CAST(
                    convert_timezone(
                        'UTC',
                        'Pacific/Apia',
                        timestampadd(MICROSECOND, unix_micros(sessions.started_at), TIMESTAMP_NTZ '1970-01-01')
                    ) AS DATE
                ),
                'month'
            ) AS DATE
        ) AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    datediff(max(first_days.day) OVER (), first_days.day) AS days_before_last,
    (datediff(max(first_days.week) OVER (), first_days.week) DIV 7) AS weeks_before_last,
    CAST(months_between(max(first_days.month) OVER (), first_days.month) AS BIGINT)
        AS months_before_last
FROM first_days
