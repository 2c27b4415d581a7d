WITH with_previous_event AS (
    SELECT
        events.timestamp AS timestamp,
        lag(toNullable(events.timestamp)) OVER (
            PARTITION BY events.session_id
            ORDER BY events.timestamp, events.event_id NULLS LAST
        ) AS previous_timestamp
    FROM events
    INNER JOIN sessions ON sessions.session_id = events.session_id
),
pauses AS (
    SELECT
        toFloat64(
            dateDiff(
                'microsecond',
                with_previous_event.previous_timestamp,
                with_previous_event.timestamp
            )
        ) / 1000000 AS seconds
    FROM with_previous_event
)
SELECT quantileExactInclusive(0.5)(pauses.seconds) AS median_seconds_between_events
FROM pauses
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
