WITH events_of_sessions AS (
    SELECT
        events.session_id,
        count(*) AS number
    FROM events
    WHERE events.event_type IN ('placed_order') AND events.session_id IS NOT NULL
    GROUP BY events.session_id
),
counted AS (
    SELECT coalesce(events_of_sessions.number, 0) AS value
    FROM sessions
    LEFT OUTER JOIN events_of_sessions ON events_of_sessions.session_id = sessions.session_id
)
SELECT CAST(coalesce(sum(counted.value), 0) AS BIGINT) AS conversions
FROM counted
