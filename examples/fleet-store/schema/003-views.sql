-- The newest reading of each message that came within a day.
CREATE VIEW fleet.latest AS
SELECT site, node, bus, message, newest.ts, newest.signals, newest.quality
FROM fleet.series
JOIN fleet.gateway ON gateway.id = series.gateway
CROSS JOIN LATERAL (
    SELECT ts, signals, quality FROM fleet.reading
    WHERE reading.series = series.id AND ts > now() - interval '1 day'
    ORDER BY ts DESC, seq DESC LIMIT 1
) AS newest;

-- One signal by the minute (or any other interval).
CREATE FUNCTION fleet.minutes(
    of_site text, of_node text, of_bus text, of_message text, of_signal text,
    from_ts timestamptz, to_ts timestamptz, width interval DEFAULT '1 minute'
) RETURNS TABLE (at timestamptz, count bigint, min numeric, max numeric, mean numeric)
LANGUAGE sql STABLE SET search_path = fleet, pg_temp AS $$
    SELECT date_bin(width, ts, 'epoch'), count(*), min(value), max(value), avg(value)
    FROM (
        SELECT ts, (signals ->> of_signal)::numeric AS value
        FROM fleet.reading
        WHERE series = (
            SELECT series.id FROM fleet.series JOIN fleet.gateway ON gateway.id = series.gateway
            WHERE site = of_site AND node = of_node AND bus = of_bus AND message = of_message
        ) AND ts >= from_ts AND ts < to_ts AND jsonb_typeof(signals -> of_signal) = 'number'
    ) AS numbers
    GROUP BY 1 ORDER BY 1
$$;

-- Whether everything is there: what is not, is `missing` (on its way), or is in a gap with its reason.
CREATE VIEW fleet.completeness AS
SELECT site, node, log.name AS log, log.id = gateway.log AS is_current, contiguous,
       coalesce(above.highest, contiguous) AS highest,
       coalesce(above.highest - contiguous - above.stored, 0)::bigint AS missing,
       coalesce(lost.seqs, 0)::bigint AS in_gaps, lost.reasons
FROM fleet.log
JOIN fleet.gateway ON gateway.id = log.gateway
CROSS JOIN LATERAL (
    SELECT max(last) AS highest, sum(last - greatest(first, contiguous + 1) + 1) AS stored
    FROM fleet.ranges(log.id, contiguous)
) AS above
CROSS JOIN LATERAL (
    SELECT sum(last - first + 1) AS seqs, string_agg(DISTINCT reason, ', ') AS reasons
    FROM fleet.gap WHERE gap.log = log.id
) AS lost;

-- The seqs that are missing now.
CREATE VIEW fleet.hole AS
SELECT site, node, log.name AS log, before + 1 AS first, hole.first - 1 AS last
FROM fleet.log
JOIN fleet.gateway ON gateway.id = log.gateway
CROSS JOIN LATERAL (
    SELECT first, coalesce(max(last) OVER (ORDER BY first ROWS BETWEEN UNBOUNDED PRECEDING
           AND 1 PRECEDING), contiguous) AS before
    FROM fleet.ranges(log.id, contiguous)
) AS hole
WHERE hole.first > before + 1;
