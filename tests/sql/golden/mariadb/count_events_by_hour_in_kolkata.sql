WITH counted AS (
    SELECT
        TIMESTAMPADD(
            SECOND,
            -1 * (CASE WHEN events.timestamp < TIMESTAMP '1905-12-31 18:38:50' THEN 1270 ELSE 1800 END),
            TIMESTAMPADD(
                HOUR,
                TIMESTAMPDIFF(
                    HOUR,
                    TIMESTAMP '1000-01-01 00:00:00',
                    TIMESTAMPADD(
                        SECOND,
                        (CASE WHEN events.timestamp < TIMESTAMP '1905-12-31 18:38:50' THEN 1270 ELSE 1800 END),
                        events.timestamp
                    )
                ),
                TIMESTAMP '1000-01-01 00:00:00'
            )
        ) AS key_1,
        events.event_type AS key_2,
        1 AS value
    FROM events
    INNER JOIN sessions ON sessions.session_id = events.session_id
)
SELECT
    counted.key_1 AS hour,
    counted.key_2 AS event_type,
    CAST(coalesce(sum(counted.value), 0) AS SIGNED INTEGER) AS events
FROM counted
GROUP BY counted.key_1, counted.key_2
ORDER BY counted.key_1 IS NULL, counted.key_1, counted.key_2 IS NULL, counted.key_2
