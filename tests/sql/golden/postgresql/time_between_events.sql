WITH with_previous_event AS (
    SELECT
        events.timestamp,
        lag(events.timestamp) OVER (
            PARTITION BY events.session_id
            ORDER BY events.timestamp, events.event_id NULLS LAST
        ) AS previous_timestamp
    FROM events
    JOIN sessions ON sessions.session_id = events.session_id
),
pauses AS (
    SELECT
        CAST(
            CAST(
                EXTRACT(
                    EPOCH FROM with_previous_event.timestamp
                        - with_previous_event.previous_timestamp
                ) * 1000000 AS BIGINT
            ) AS DOUBLE PRECISION
        ) / 1000000 AS seconds
    FROM with_previous_event
)
SELECT
    percentile_cont(0.5) WITHIN GROUP (ORDER BY pauses.seconds) AS median_seconds_between_events
FROM pauses
