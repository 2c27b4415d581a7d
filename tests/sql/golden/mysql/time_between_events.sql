WITH with_previous_event AS (
    SELECT
        events.timestamp,
        lag(events.timestamp) OVER (
            PARTITION BY events.session_id
            ORDER BY events.timestamp, events.event_id IS NULL, events.event_id
        ) AS previous_timestamp
    FROM events
    INNER JOIN sessions ON sessions.session_id = events.session_id
),
pauses AS (
    SELECT
        CAST(
            TIMESTAMPDIFF(
                MICROSECOND,
                with_previous_event.previous_timestamp,
                with_previous_event.timestamp
            ) AS DOUBLE
        ) / 1000000 AS seconds
    FROM with_previous_event
),
ranked_pauses AS (
    SELECT
        pauses.seconds,
        row_number() OVER (ORDER BY pauses.seconds IS NULL, pauses.seconds) AS seconds_position,
        count(pauses.seconds) OVER () AS seconds_count
    FROM pauses
),
weighted_pauses AS (
    SELECT
        ranked_pauses.seconds,
        2 - abs(
            (ranked_pauses.seconds_count - 1)
                - 2 * (CAST(ranked_pauses.seconds_position AS SIGNED) - 1)
        ) AS seconds_weight
    FROM ranked_pauses
)
SELECT
    sum(
        CASE
            WHEN weighted_pauses.seconds_weight > 0
                THEN CAST(weighted_pauses.seconds AS DOUBLE) * weighted_pauses.seconds_weight
        END
    ) / 2 AS median_seconds_between_events
FROM weighted_pauses
