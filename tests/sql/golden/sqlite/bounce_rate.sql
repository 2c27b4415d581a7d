WITH events_of_sessions AS (
    SELECT
        events.session_id,
        sum(CASE WHEN events.event_type IN ('$autocapture') THEN 1 ELSE 0 END) AS autocaptures,
        sum(
            CASE
                WHEN events.event_type IN ('page_view', 'screen_view', '$pageview') THEN 1
                ELSE 0
            END
        ) AS views
    FROM events
    WHERE events.session_id IS NOT NULL
    GROUP BY events.session_id
),
observations AS (
    SELECT
        CASE
            WHEN events_of_sessions.views > 0
                AND (
                    (
                        (
                            CAST(strftime('%s', substr(sessions.ended_at, 1, 19)) AS INTEGER)
                                * 1000000
                                + CAST(
                                    substr(substr(sessions.ended_at, 21) || '000000', 1, 6)
                                        AS INTEGER
                                )
                        )
                            - (
                                CAST(
                                    strftime('%s', substr(sessions.started_at, 1, 19)) AS INTEGER
                                ) * 1000000
                                    + CAST(
                                        substr(substr(sessions.started_at, 21) || '000000', 1, 6)
                                            AS INTEGER
                                    )
                            )
                    ) >= 10000000
                        OR events_of_sessions.autocaptures > 0
                        OR events_of_sessions.views > 1
                )
                THEN 0
            WHEN events_of_sessions.views > 0 THEN 1
        END AS value
    FROM sessions
    JOIN events_of_sessions ON events_of_sessions.session_id = sessions.session_id
)
SELECT avg(CAST(observations.value AS REAL)) AS bounce_rate
FROM observations
