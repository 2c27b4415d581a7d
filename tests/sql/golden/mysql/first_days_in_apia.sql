WITH first_days AS (
    SELECT
        sessions.session_id,
        DATE(
            TIMESTAMPADD(
                SECOND,
                CASE
                    WHEN sessions.started_at < TIMESTAMP '2016-09-24 14:00:00'
                        THEN CASE
                            WHEN sessions.started_at < TIMESTAMP '1911-01-01 11:26:56' THEN -41216
                            WHEN sessions.started_at < TIMESTAMP '1950-01-01 11:30:00' THEN -41400
                            WHEN sessions.started_at < TIMESTAMP '2010-09-26 11:00:00' THEN -39600
                            WHEN sessions.started_at < TIMESTAMP '2011-04-02 14:00:00' THEN -36000
                            WHEN sessions.started_at < TIMESTAMP '2011-09-24 14:00:00' THEN -39600
                            WHEN sessions.started_at < TIMESTAMP '2011-12-30 10:00:00' THEN -36000
                            WHEN sessions.started_at < TIMESTAMP '2012-03-31 14:00:00' THEN 50400
                            WHEN sessions.started_at < TIMESTAMP '2012-09-29 14:00:00' THEN 46800
                            WHEN sessions.started_at < TIMESTAMP '2013-04-06 14:00:00' THEN 50400
                            WHEN sessions.started_at < TIMESTAMP '2013-09-28 14:00:00' THEN 46800
                            WHEN sessions.started_at < TIMESTAMP '2014-04-05 14:00:00' THEN 50400
                            WHEN sessions.started_at < TIMESTAMP '2014-09-27 14:00:00' THEN 46800
                            WHEN sessions.started_at < TIMESTAMP '2015-04-04 14:00:00' THEN 50400
                            WHEN sessions.started_at < TIMESTAMP '2015-09-26 14:00:00' THEN 46800
                            WHEN sessions.started_at < TIMESTAMP '2016-04-02 14:00:00' THEN 50400
                            ELSE 46800
                        END
                    ELSE CASE
                        WHEN sessions.started_at < TIMESTAMP '2017-04-01 14:00:00' THEN 50400
                        WHEN sessions.started_at < TIMESTAMP '2017-09-23 14:00:00' THEN 46800
                        WHEN sessions.started_at < TIMESTAMP '2018-03-31 14:00:00' THEN 50400
                        WHEN sessions.started_at < TIMESTAMP '2018-09-29 14:00:00' THEN 46800
                        WHEN sessions.started_at < TIMESTAMP '2019-04-06 14:00:00' THEN 50400
                        WHEN sessions.started_at < TIMESTAMP '2019-09-28 14:00:00' THEN 46800
                        WHEN sessions.started_at < TIMESTAMP '2020-04-04 14:00:00' THEN 50400
                        WHEN sessions.started_at < TIMESTAMP '2020-09-26 14:00:00' THEN 46800
                        WHEN sessions.started_at < TIMESTAMP '2021-04-03 14:00:00' THEN 50400
                        ELSE 46800
                    END
                END,
                sessions.started_at
            )
        ) AS day,
        DATE_ADD(
            DATE('1900-01-01'),
            INTERVAL FLOOR(
                DATEDIFF(
                    TIMESTAMPADD(
                        SECOND,
                        CASE
                            WHEN sessions.started_at < TIMESTAMP '2016-09-24 14:00:00'
                                THEN CASE
                                    WHEN sessions.started_at < TIMESTAMP '1911-01-01 11:26:56' THEN -41216
                                    WHEN sessions.started_at < TIMESTAMP '1950-01-01 11:30:00' THEN -41400
                                    WHEN sessions.started_at < TIMESTAMP '2010-09-26 11:00:00' THEN -39600
                                    WHEN sessions.started_at < TIMESTAMP '2011-04-02 14:00:00' THEN -36000
                                    WHEN sessions.started_at < TIMESTAMP '2011-09-24 14:00:00' THEN -39600
                                    WHEN sessions.started_at < TIMESTAMP '2011-12-30 10:00:00' THEN -36000
                                    WHEN sessions.started_at < TIMESTAMP '2012-03-31 14:00:00' THEN 50400
                                    WHEN sessions.started_at < TIMESTAMP '2012-09-29 14:00:00' THEN 46800
                                    WHEN sessions.started_at < TIMESTAMP '2013-04-06 14:00:00' THEN 50400
                                    WHEN sessions.started_at < TIMESTAMP '2013-09-28 14:00:00' THEN 46800
                                    WHEN sessions.started_at < TIMESTAMP '2014-04-05 14:00:00' THEN 50400
                                    WHEN sessions.started_at < TIMESTAMP '2014-09-27 14:00:00' THEN 46800
                                    WHEN sessions.started_at < TIMESTAMP '2015-04-04 14:00:00' THEN 50400
                                    WHEN sessions.started_at < TIMESTAMP '2015-09-26 14:00:00' THEN 46800
                                    WHEN sessions.started_at < TIMESTAMP '2016-04-02 14:00:00' THEN 50400
                                    ELSE 46800
                                END
                            ELSE CASE
                                WHEN sessions.started_at < TIMESTAMP '2017-04-01 14:00:00' THEN 50400
                                WHEN sessions.started_at < TIMESTAMP '2017-09-23 14:00:00' THEN 46800
                                WHEN sessions.started_at < TIMESTAMP '2018-03-31 14:00:00' THEN 50400
                                WHEN sessions.started_at < TIMESTAMP '2018-09-29 14:00:00' THEN 46800
                                WHEN sessions.started_at < TIMESTAMP '2019-04-06 14:00:00' THEN 50400
                                WHEN sessions.started_at < TIMESTAMP '2019-09-28 14:00:00' THEN 46800
                                WHEN sessions.started_at < TIMESTAMP '2020-04-04 14:00:00' THEN 50400
                                WHEN sessions.started_at < TIMESTAMP '2020-09-26 14:00:00' THEN 46800
                                WHEN sessions.started_at < TIMESTAMP '2021-04-03 14:00:00' THEN 50400
                                ELSE 46800
                            END
                        END,
                        sessions.started_at
                    ),
                    '1900-01-01'
                ) / 7
            ) * 7 DAY
        ) AS week,
        DATE_ADD(
            LAST_DAY(
                DATE_SUB(
                    TIMESTAMPADD(
                        SECOND,
                        CASE
                            WHEN sessions.started_at < TIMESTAMP '2016-09-24 14:00:00'
                                THEN CASE
                                    WHEN sessions.started_at < TIMESTAMP '1911-01-01 11:26:56' THEN -41216
                                    WHEN sessions.started_at < TIMESTAMP '1950-01-01 11:30:00' THEN -41400
                                    WHEN sessions.started_at < TIMESTAMP '2010-09-26 11:00:00' THEN -39600
                                    WHEN sessions.started_at < TIMESTAMP '2011-04-02 14:00:00' THEN -36000
                                    WHEN sessions.started_at < TIMESTAMP '2011-09-24 14:00:00' THEN -39600
                                    WHEN sessions.started_at < TIMESTAMP '2011-12-30 10:00:00' THEN -36000
                                    WHEN sessions.started_at < TIMESTAMP '2012-03-31 14:00:00' THEN 50400
                                    WHEN sessions.started_at < TIMESTAMP '2012-09-29 14:00:00' THEN 46800
                                    WHEN sessions.started_at < TIMESTAMP '2013-04-06 14:00:00' THEN 50400
                                    WHEN sessions.started_at < TIMESTAMP '2013-09-28 14:00:00' THEN 46800
                                    WHEN sessions.started_at < TIMESTAMP '2014-04-05 14:00:00' THEN 50400
                                    WHEN sessions.started_at < TIMESTAMP '2014-09-27 14:00:00' THEN 46800
                                    WHEN sessions.started_at < TIMESTAMP '2015-04-04 14:00:00' THEN 50400
                                    WHEN sessions.started_at < TIMESTAMP '2015-09-26 14:00:00' THEN 46800
                                    WHEN sessions.started_at < TIMESTAMP '2016-04-02 14:00:00' THEN 50400
                                    ELSE 46800
                                END
                            ELSE CASE
                                WHEN sessions.started_at < TIMESTAMP '2017-04-01 14:00:00' THEN 50400
                                WHEN sessions.started_at < TIMESTAMP '2017-09-23 14:00:00' THEN 46800
                                WHEN sessions.started_at < TIMESTAMP '2018-03-31 14:00:00' THEN 50400
                                WHEN sessions.started_at < TIMESTAMP '2018-09-29 14:00:00' THEN 46800
                                WHEN sessions.started_at < TIMESTAMP '2019-04-06 14:00:00' THEN 50400
                                WHEN sessions.started_at < TIMESTAMP '2019-09-28 14:00:00' THEN 46800
                                WHEN sessions.started_at < TIMESTAMP '2020-04-04 14:00:00' THEN 50400
                                WHEN sessions.started_at < TIMESTAMP '2020-09-26 14:00:00' THEN 46800
                                WHEN sessions.started_at < TIMESTAMP '2021-04-03 14:00:00' THEN 50400
                                ELSE 46800
                            END
                        END,
                        sessions.started_at
                    ),
                    INTERVAL 1 MONTH
                )
            ),
            INTERVAL 1 DAY
        ) AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    TIMESTAMPDIFF(DAY, first_days.day, max(first_days.day) OVER ()) AS days_before_last,
    TIMESTAMPDIFF(WEEK, first_days.week, max(first_days.week) OVER ()) AS weeks_before_last,
    TIMESTAMPDIFF(MONTH, first_days.month, max(first_days.month) OVER ()) AS months_before_last
FROM first_days
