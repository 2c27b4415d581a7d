WITH counted AS (
    SELECT
        timestamp_micros(
            unix_micros(events.timestamp) - pmod(
                unix_micros(events.timestamp) + 1000000 * CAST(
                    (
                        CASE
                            WHEN events.timestamp < TIMESTAMP '1905-12-31 18:38:50.000000Z' THEN 1270
                            ELSE 1800
                        END
                    ) AS BIGINT
                ),
                3600000000
            )
        ) AS key_1,
        events.event_type AS key_2,
        1 AS value
    FROM events
    JOIN sessions ON sessions.session_id = events.session_id
)
SELECT
    counted.key_1 AS hour,
    counted.key_2 AS event_type,
    CAST(coalesce(sum(counted.value), 0) AS BIGINT) AS events
FROM counted
GROUP BY counted.key_1, counted.key_2
ORDER BY counted.key_1 NULLS LAST, counted.key_2 NULLS LAST
