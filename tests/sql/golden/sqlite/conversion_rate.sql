WITH conversions AS (
    SELECT
        events.session_id,
        min(events.timestamp) AS converted_at
    FROM events
    WHERE events.event_type IN ('placed_order') AND events.session_id IS NOT NULL
    GROUP BY events.session_id
),
observations AS (
    SELECT max(CASE WHEN conversions.session_id IS NOT NULL THEN 1 ELSE 0 END) AS value
    FROM sessions
    LEFT OUTER JOIN conversions ON conversions.session_id = sessions.session_id
    GROUP BY sessions.user_id
)
SELECT avg(CAST(observations.value AS REAL)) AS user_conversion_rate
FROM observations
