WITH with_previous_event AS (
    SELECT
        events."timestamp",
        lag(events."timestamp") OVER (
            PARTITION BY events.session_id
            ORDER BY events."timestamp", events.event_id NULLS LAST
        ) AS previous_timestamp
    FROM events
    JOIN sessions ON sessions.session_id = events.session_id
),
pauses AS (
    SELECT
        CAST(
            DATEDIFF(
                microsecond,
                with_previous_event.previous_timestamp,
                with_previous_event."timestamp"
            ) AS DOUBLE PRECISION
        ) / 1000000 AS seconds
    FROM with_previous_event
)
SELECT
    percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(pauses.seconds AS DOUBLE PRECISION))
        AS median_seconds_between_events
FROM pauses
