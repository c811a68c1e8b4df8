"""PostgreSQL: what is stored, and the transactions that store it. Blocking, one connection."""

import io
import struct
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
from psycopg2.extras import execute_values

SCHEMA = Path(__file__).resolve().parent / "schema"
DAY_US = 86400 * 10**6
DAYS_BACK, DAYS_AHEAD = 400, 2  # stamps beyond are in the table for others
PG_EPOCH_US = 946684800 * 10**6  # 2000-01-01, where PostgreSQL counts from
PAYLOAD_KEPT_BYTES = 4096

COPY_BEGIN = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
COPY_END = struct.pack(">h", -1)
ROW = struct.Struct(">hiqiqiiiiiB")  # six fields, each after its length; then the text of `signals`
NULL = struct.pack(">i", -1)
LENGTH = struct.Struct(">iB")


class Unavailable(Exception):
    """There is no database now, or not one that can be written; the text says why."""


def reading_row(log, series, reading):
    """One row of fleet.reading in the binary form of COPY: it needs no escapes, and is fast."""
    size = len(reading.signals) + 1
    ts = reading.ts_us - PG_EPOCH_US
    head = ROW.pack(6, 8, reading.seq, 8, ts, 4, log, 4, series, size, 1)
    quality = reading.quality
    tail = LENGTH.pack(len(quality) + 1, 1) + quality if quality else NULL
    return head + reading.signals + tail


@dataclass
class Batch:
    """What one transaction stores."""

    readings: list = field(default_factory=list)  # (log, seq, row)
    days: set = field(default_factory=set)
    events: list = field(default_factory=list)
    gaps: list = field(default_factory=list)
    late: list = field(default_factory=list)  # (log, seq) that leave a gap
    summaries: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    contiguous: dict = field(default_factory=dict)  # log: seq
    size_bytes: int = 0

    @property
    def rows(self):
        lists = (self.readings, self.events, self.gaps, self.summaries, self.refused)
        return sum(map(len, lists))

    def add_reading(self, log, series, reading):
        row = reading_row(log, series, reading)
        self.readings.append((log, reading.seq, row))
        self.days.add(reading.ts_us // DAY_US)
        self.size_bytes += len(row)

    def refuse(self, topic, payload, reason):
        self.refused.append((topic.decode("utf-8", "replace").replace("\0", "?"), reason.replace("\0", "?"),
                             payload[:PAYLOAD_KEPT_BYTES]))  # fmt: skip
        self.size_bytes += PAYLOAD_KEPT_BYTES


INSERTS = (
    ("events", "INSERT INTO fleet.event (log, seq, ts, event, alarm, body) VALUES %s",
     "(%s, %s, 'epoch'::timestamptz + %s * interval '1 microsecond', %s, %s, %s)"),
    ("gaps", "INSERT INTO fleet.gap (log, first, last, reason) VALUES %s", None),
    ("summaries",
     "INSERT INTO fleet.summary (log, series, first, last, count, from_ts, to_ts, signals) VALUES %s"
     " ON CONFLICT DO NOTHING",
     "(%s, %s, %s, %s, %s, 'epoch'::timestamptz + %s * interval '1 microsecond',"
     " 'epoch'::timestamptz + %s * interval '1 microsecond', %s)"),
    ("refused", "INSERT INTO fleet.refused (topic, reason, payload) VALUES %s", None),
)  # fmt: skip


class Database:
    def __init__(self, dsn, sink):
        self.dsn = dsn
        self.sink = sink
        self._connection = None
        self._days = set()
        self._batches = None  # committed by this sink, as far as is known

    @property
    def is_up(self):
        return self._connection is not None

    # --- connecting

    def open(self):
        try:
            self._connection = psycopg2.connect(
                self.dsn,
                connect_timeout=5,
                application_name=f"fleet-store {self.sink}",
                options="-c synchronous_commit=on -c statement_timeout=60000 -c timezone=UTC"
                " -c client_encoding=UTF8",
                keepalives_idle=10, keepalives_interval=5, keepalives_count=3,
            )  # fmt: skip
            self._connection.autocommit = True
            self._take_lock()
            self._days = self._known_days()
        except psycopg2.Error as error:
            self._fail(error)

    def close(self):
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _fail(self, error):
        self.close()
        raise Unavailable(str(error).strip().partition("\n")[0]) from None

    def _take_lock(self):
        """Two consumers under one name would both believe to know what is stored."""
        key = zlib.crc32(self.sink.encode()) - 2**31
        (mine,) = self._one("SELECT pg_try_advisory_lock(%s, %s)", (0x666C6565, key))
        if not mine:
            self.close()
            raise Unavailable(f"another consumer is at work as '{self.sink}'")

    def _known_days(self):
        rows = self._all(
            "SELECT to_date(substr(relname, 9), 'YYYYMMDD') - date '1970-01-01' FROM pg_inherits"
            " JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'fleet.reading'::regclass"
            " AND relname ~ '^reading_[0-9]{8}$'"
        )
        return {day for (day,) in rows}

    def _all(self, sql, values=()):
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    def _one(self, sql, values=()):
        return self._all(sql, values)[0]

    def _ask(self, sql, values=()):
        """As _all, for callers outside."""
        if self._connection is None:
            raise Unavailable("no connection")
        try:
            return self._all(sql, values)
        except psycopg2.Error as error:
            self._fail(error)

    # --- what is known

    def gateway(self, site, node):
        """Its id, and its log as in log(); None if it has none yet."""
        names = (site, node)
        self._ask(
            "WITH new AS (INSERT INTO fleet.gateway (site, node) VALUES (%s, %s)"
            " ON CONFLICT DO NOTHING RETURNING id) SELECT count(*) FROM new", names
        )  # fmt: skip
        ((number, log),) = self._ask(
            "SELECT id, log FROM fleet.gateway WHERE site = %s AND node = %s", names
        )
        return number, log

    def use_log(self, gateway, name, began_after, started_us):
        """The gateway's log of this name is the one it writes now; it is made, unless it is there. Returns
        its id. One without a name takes this one."""
        values = {"gateway": gateway, "name": name, "after": began_after, "started": started_us / 1e6}
        self._ask(
            "UPDATE fleet.log SET name = %(name)s, began_after = %(after)s,"
            " contiguous = greatest(contiguous, %(after)s), started = to_timestamp(%(started)s)"
            " WHERE gateway = %(gateway)s AND name = '' AND %(name)s <> ''"
            " AND NOT EXISTS (SELECT FROM fleet.log WHERE gateway = %(gateway)s AND name = %(name)s)"
            " RETURNING id", values
        )  # fmt: skip
        self._ask(
            "INSERT INTO fleet.log (gateway, name, began_after, contiguous, started)"
            " VALUES (%(gateway)s, %(name)s, %(after)s, coalesce(%(after)s, 0),"
            " to_timestamp(%(started)s)) ON CONFLICT DO NOTHING RETURNING id", values
        )  # fmt: skip
        ((log,),) = self._ask(
            "UPDATE fleet.gateway SET log = (SELECT id FROM fleet.log WHERE gateway = %(gateway)s"
            " AND name = %(name)s) WHERE id = %(gateway)s RETURNING log", values
        )  # fmt: skip
        return log

    def log(self, number):
        """name, began_after, contiguous, from which stamp on its live readings count, ranges, gaps"""
        ((name, after, contiguous, live_from),) = self._ask(
            "SELECT name, began_after, contiguous,"
            " CASE WHEN EXISTS (SELECT FROM fleet.log AS older WHERE older.gateway = log.gateway"
            " AND older.id < log.id) THEN (extract(epoch FROM started) * 1000000)::bigint ELSE 0 END"
            " FROM fleet.log WHERE id = %s", (number,)
        )  # fmt: skip
        ranges = self._ask("SELECT first, last FROM fleet.ranges(%s, %s)", (number, contiguous))
        gaps = self._ask(
            "SELECT first, last FROM fleet.gap WHERE log = %s ORDER BY first DESC LIMIT 10000", (number,)
        )
        return name, after, contiguous, live_from, ranges, gaps

    def series(self, gateway, bus, message):
        names = (gateway, bus, message)
        self._ask(
            "WITH new AS (INSERT INTO fleet.series (gateway, bus, message) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING RETURNING id) SELECT count(*) FROM new", names
        )  # fmt: skip
        ((number,),) = self._ask(
            "SELECT id FROM fleet.series WHERE gateway = %s AND bus = %s AND message = %s", names
        )
        return number

    # --- storing

    def store(self, batch):
        """Commits all of it. Unavailable: it is not known whether; call again with the same batch."""
        if self._connection is None:
            raise Unavailable("no connection")
        try:
            if self._batches is not None and self._is_committed():
                return
            self._batches = self._committed()
            try:
                self._transaction(batch, self._copy)
            except (psycopg2.DataError, psycopg2.IntegrityError):
                self._transaction(batch, self._copy_one_by_one)
            self._batches = None
        except psycopg2.Error as error:
            self._fail(error)

    def _committed(self):
        rows = self._all("SELECT batch FROM fleet.consumer WHERE sink = %s", (self.sink,))
        return rows[0][0] if rows else 0

    def _is_committed(self):
        """The connection died in the attempt before: did it get through?"""
        through = self._committed() > self._batches
        self._batches = None
        return through

    def _make_days(self, days):
        today = int(time.time()) // 86400
        for day in sorted(days - self._days):
            if today - DAYS_BACK <= day <= today + DAYS_AHEAD:
                self._one("SELECT fleet.make_day(date '1970-01-01' + %s)", (day,))
                self._days.add(day)

    def _transaction(self, batch, copy):
        self._make_days(batch.days)
        with self._connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                cursor.execute(
                    "INSERT INTO fleet.consumer VALUES (%s, 1)"
                    " ON CONFLICT (sink) DO UPDATE SET batch = consumer.batch + 1", (self.sink,)
                )  # fmt: skip
                self._insert(cursor, batch, copy)
                cursor.execute("COMMIT")
            except psycopg2.Error:
                if not self._connection.closed:
                    cursor.execute("ROLLBACK")
                raise

    def _insert(self, cursor, batch, copy):
        for log, seq in batch.late:
            cursor.execute("SELECT fleet.leave_gap(%s, %s)", (log, seq))
        copy(cursor, batch)
        if batch.contiguous:
            execute_values(
                cursor,
                "UPDATE fleet.log SET contiguous = new.contiguous FROM (VALUES %s) AS new (id, contiguous)"
                " WHERE log.id = new.id AND log.contiguous < new.contiguous",
                list(batch.contiguous.items()),
            )

    def _copy(self, cursor, batch):
        if batch.readings:
            self._copy_rows(cursor, [row for _, _, row in batch.readings])
        for name, sql, template in INSERTS:
            rows = getattr(batch, name)
            if rows:
                execute_values(cursor, sql, rows, template, page_size=1000)

    def _copy_rows(self, cursor, rows):
        data = io.BytesIO(b"".join([COPY_BEGIN, *rows, COPY_END]))
        cursor.copy_expert(
            "COPY fleet.reading (seq, ts, log, series, signals, quality) FROM STDIN (FORMAT binary)",
            data, size=1 << 20,
        )  # fmt: skip

    # What one row of many has that PostgreSQL does not take must not hold up the others.

    def _copy_one_by_one(self, cursor, batch):
        for log, seq, row in batch.readings:
            error = self._attempt(cursor, lambda row=row: self._copy_rows(cursor, [row]))
            self._set_aside(cursor, log, seq, row, error)
        for name, sql, template in INSERTS:
            for row in getattr(batch, name):
                error = self._attempt(
                    cursor, lambda row=row: execute_values(cursor, sql, [row], template)
                )
                log, seq = row[:2] if name == "events" else (None, None)
                self._set_aside(cursor, log, seq, repr(row).encode(), error)

    def _attempt(self, cursor, insert):
        """None, or why not."""
        cursor.execute("SAVEPOINT one")
        try:
            insert()
        except (psycopg2.DataError, psycopg2.IntegrityError) as error:
            cursor.execute("ROLLBACK TO SAVEPOINT one")
            return error
        cursor.execute("RELEASE SAVEPOINT one")
        return None

    def _set_aside(self, cursor, log, seq, row, error):
        if error is None or isinstance(error, psycopg2.errors.UniqueViolation):  # it is there already
            return
        reason = str(error).strip().partition("\n")[0]
        cursor.execute(
            "INSERT INTO fleet.refused (topic, reason, payload) VALUES (%s, %s, %s)",
            (f"log {log} seq {seq}", reason, row[:PAYLOAD_KEPT_BYTES]),
        )
        if seq is not None:
            cursor.execute(
                "INSERT INTO fleet.gap (log, first, last, reason) VALUES (%s, %s, %s, 'unreadable')"
                " ON CONFLICT DO NOTHING", (log, seq, seq)
            )  # fmt: skip


# --- migrations


def migrate(dsn):
    """Brings the schema up to date, each step in a transaction of its own; returns the steps taken."""
    steps = sorted(SCHEMA.glob("[0-9][0-9][0-9]-*.sql"))
    taken = []
    connection = psycopg2.connect(dsn, connect_timeout=5)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('fleet.migrate'))")
            cursor.execute("CREATE SCHEMA IF NOT EXISTS fleet")
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS fleet.migration (name text PRIMARY KEY,"
                " at timestamptz NOT NULL DEFAULT now())"
            )
        for step in steps:
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('fleet.migrate'))")
                cursor.execute("SELECT 1 FROM fleet.migration WHERE name = %s", (step.name,))
                if cursor.fetchone() is None:
                    cursor.execute(step.read_text(encoding="utf-8"))
                    cursor.execute("INSERT INTO fleet.migration (name) VALUES (%s)", (step.name,))
                    taken.append(step.name)
    finally:
        connection.close()
    return taken
