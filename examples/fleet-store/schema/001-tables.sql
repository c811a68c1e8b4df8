-- What the gateways of a fleet sent. Every seq of a log is in exactly one of: reading, event, gap.
--
-- Signals are jsonb and not a row each: a reading of four signals takes a third of the space and of the
-- time that way, its numbers stay the exact decimals of the gateway, and a new signal is no migration.
-- Readings are partitioned by the day of their stamp: retention drops a table instead of deleting rows, and
-- a question about a time reads nothing else. Which seqs are there is known by the index (log, seq).

CREATE TABLE fleet.gateway (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site text NOT NULL,
    node text NOT NULL,
    log integer,                       -- the one it writes now
    UNIQUE (site, node)
);

-- One counter of seqs. A gateway on a new disk begins another one.
CREATE TABLE fleet.log (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gateway integer NOT NULL REFERENCES fleet.gateway,
    name text NOT NULL,                -- its id in the gateway's info; empty: it has not said
    began_after bigint,                -- seqs up to this one were done with before; NULL: not known yet
    contiguous bigint NOT NULL,        -- every seq up to this one is stored, or is known not to come
    started timestamptz NOT NULL,      -- of the gateway, when it first said this name
    since timestamptz NOT NULL DEFAULT now(),
    UNIQUE (gateway, name)
);
ALTER TABLE fleet.gateway ADD FOREIGN KEY (log) REFERENCES fleet.log;

CREATE TABLE fleet.series (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gateway integer NOT NULL REFERENCES fleet.gateway,
    bus text NOT NULL,
    message text NOT NULL,
    UNIQUE (gateway, bus, message)
);

CREATE TABLE fleet.reading (
    seq bigint NOT NULL,
    ts timestamptz NOT NULL,
    log integer NOT NULL,
    series integer NOT NULL,
    signals jsonb NOT NULL,
    quality jsonb,                     -- only of signals that are not good
    PRIMARY KEY (log, seq, ts)
) PARTITION BY RANGE (ts);
CREATE INDEX ON fleet.reading (series, ts);
CREATE TABLE fleet.reading_other PARTITION OF fleet.reading DEFAULT; -- stamps that no day is made for

-- Also transitions of alarms.
CREATE TABLE fleet.event (
    seq bigint NOT NULL,
    ts timestamptz NOT NULL,
    log integer NOT NULL,
    event text NOT NULL,
    alarm text NOT NULL,               -- empty: none
    body jsonb NOT NULL,
    PRIMARY KEY (log, seq)
);
CREATE INDEX ON fleet.event (ts);

-- Seqs that will not come, both ends included.
CREATE TABLE fleet.gap (
    log integer NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    reason text NOT NULL,              -- the gateway's; or 'unreadable', 'not_sent': this side's
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (log, first)
);

-- What a gateway's thinning left of a message in an interval; its seqs are in gaps.
CREATE TABLE fleet.summary (
    log integer NOT NULL,
    series integer NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    count bigint NOT NULL,
    from_ts timestamptz NOT NULL,
    to_ts timestamptz NOT NULL,
    signals jsonb NOT NULL,
    PRIMARY KEY (log, series, first, last)
);

-- Payloads that could not be stored, for a person to look at.
CREATE TABLE fleet.refused (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    topic text NOT NULL,
    reason text NOT NULL,
    payload bytea NOT NULL             -- its beginning
);

-- How many transactions each consumer has committed: tells it, after a connection that died while it
-- committed, whether that one is among them.
CREATE TABLE fleet.consumer (
    sink text PRIMARY KEY,
    batch bigint NOT NULL
);
