WITH numbered_events AS (
    SELECT
        events.session_id,
        events.country,
        row_number() OVER (
            PARTITION BY events.session_id
            ORDER BY events.timestamp, events.event_id IS NULL, events.event_id
        ) AS event_number
    FROM events
    WHERE events.session_id IS NOT NULL
),
first_events AS (
    SELECT
        numbered_events.session_id,
        numbered_events.country
    FROM numbered_events
    WHERE numbered_events.event_number = 1
),
kept_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count
    FROM sessions
    JOIN first_events ON first_events.session_id = sessions.session_id
    WHERE first_events.country = 'NL'
),
observations AS (
    SELECT count(kept_sessions.session_id) AS value
    FROM kept_sessions
    GROUP BY kept_sessions.user_id
),
ranked_observations AS (
    SELECT
        observations.value,
        row_number() OVER (ORDER BY observations.value IS NULL, observations.value)
            AS value_position,
        count(observations.value) OVER () AS value_count
    FROM observations
),
weighted_observations AS (
    SELECT
        ranked_observations.value,
        2 - abs(
            (ranked_observations.value_count - 1) - 2 * (ranked_observations.value_position - 1)
        ) AS value_weight
    FROM ranked_observations
)
SELECT
    sum(
        CASE
            WHEN weighted_observations.value_weight > 0
                THEN CAST(weighted_observations.value AS FLOAT64)
                    * weighted_observations.value_weight
        END
    ) / 2 AS median_sessions_per_user
FROM weighted_observations
