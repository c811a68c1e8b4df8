"""From messages to batches: whose they are, whether they are new, and what is acknowledged when.

Pure but for the database that it asks for ids. Gateways are remembered from their first message on.
"""

import json
from collections import Counter

import decode
import ledger
from database import Batch

ROUTES_MAX = 300000  # topics that are known by heart
SERIES_PER_GATEWAY = 5000
REFUSED_PER_MINUTE = 600  # that are kept; a flood of them must not fill the disk


class Log:
    """One log of a gateway: what of it is stored, and what it was told."""

    def __init__(self, number, row):
        name, began_after, contiguous, live_from_us, ranges, gaps = row
        self.number = number
        self.name = name
        self.is_based = began_after is not None  # else it is not known where to begin
        self.live_from_us = live_from_us  # an older live reading is one of the log before
        self.ledger = ledger.Ledger(contiguous, ranges, gaps)
        self.committed = contiguous
        self.is_due = False  # something of it came since the last acknowledgement
        self.told_at = -1e9
        self.done_with = began_after or 0  # seqs that the gateway will not send again
        self.stuck_at, self.stuck_since = 0, 0.0
        self.refused_at = -1.0


class Gateway:
    def __init__(self, number, root):
        self.number = number
        self.root = root
        self.log = None
        self.series = {}


class Consumer:
    def __init__(self, settings, database):
        self.settings = settings
        self.database = database
        self.batch = Batch()
        self.counts = Counter()
        self._gateways = {}  # (site, node): Gateway
        self._routes = {}  # topic: Route
        self._touched = set()  # logs with something in the batch
        self._logs = {}  # number: Log
        self._due = {}  # log number: gateway, to be told how far it is stored
        self._refused_since, self._refused_count = 0.0, 0
        self._series_count = 0

    @property
    def gateways(self):
        return self._gateways.values()

    # --- whose it is

    def _gateway(self, route):
        key = route.site, route.node
        found = self._gateways.get(key)
        if found is None:
            if len(self._gateways) >= self.settings.gateways:
                raise decode.Refused("there are too many gateways ([store] gateways)")
            number, log = self.database.gateway(*key)
            found = Gateway(number, f"{self.settings.prefix}/{route.site}/{route.node}")
            if log is not None:
                self._set_log(found, log)
            self._gateways[key] = found
        return found

    def _log(self, gateway):
        """The log that it writes; one without a name until it has said."""
        if gateway.log is None:
            self._use_log(gateway, "", None, 0)
        return gateway.log

    def _use_log(self, gateway, name, began_after, started_us):
        number = self.database.use_log(gateway.number, name, began_after, started_us)
        if gateway.log is not None and gateway.log.number == number:  # the one without a name was given one
            gateway.log.name = name
            gateway.log.is_based = True
            gateway.log.ledger.begin_after(began_after)
        else:
            self._set_log(gateway, number)

    def _set_log(self, gateway, number):
        """As the database has it; a former one may still have something in the batch, and is as it was."""
        if number not in self._logs:
            self._logs[number] = Log(number, self.database.log(number))
        gateway.log = self._logs[number]

    def _series(self, gateway, bus, message):
        key = bus, message
        number = gateway.series.get(key)
        if number is None:
            if len(gateway.series) >= SERIES_PER_GATEWAY or self._series_count >= self.settings.series:
                raise decode.Refused("there are too many messages ([store] series)")
            number = gateway.series[key] = self.database.series(gateway.number, bus, message)
            self._series_count += 1
        return number

    def _route(self, topic):
        route = self._routes.get(topic)
        if route is None:
            route = decode.route(self.settings.prefix, topic)
            if len(self._routes) < ROUTES_MAX:
                self._routes[topic] = route
        return route

    # --- what it says

    def take(self, message, now):
        """Adds to the batch what is new. Unavailable: nothing happened that taking it again would double."""
        route = self._route(message.topic)
        if route.kind == decode.OTHER or (message.retain and route.kind != decode.INFO):
            self.counts["other"] += 1  # what a broker has kept is on its way in another manner, or stored
            return
        gateway = None
        try:
            gateway = self._gateway(route)
            item = decode.parse(message.payload)
            self._take_item(gateway, route, item, message, now)
        except decode.Refused as error:
            self._refuse(gateway, message.topic, message.payload, error, now)

    def _take_item(self, gateway, route, item, message, now):
        if route.kind == decode.READING:
            self._take_reading(gateway, (route.bus, route.message), item, route.is_live)
        elif route.kind == decode.BATCH:
            self._take_batch(gateway, item, message.topic, now)
        elif route.kind == decode.EVENT:
            self._take_event(gateway, item, route.is_live)
        elif route.kind == decode.GAP:
            self._take_gap(gateway, item)
        elif route.kind == decode.SUMMARY:
            self._take_summary(gateway, route, item)
        elif route.kind == decode.INFO:
            self._take_info(gateway, item)

    def _refuse(self, gateway, topic, payload, error, now):
        """Set aside for a person. If its seq is known, that will not come in a better form."""
        self.counts["refused"] += 1
        if now - self._refused_since >= 60:
            self._refused_since, self._refused_count = now, 0
        self._refused_count += 1
        if self._refused_count > REFUSED_PER_MINUTE:
            return
        self.batch.refuse(topic, payload, str(error))
        if gateway is not None and gateway.log is not None:
            gateway.log.refused_at = now
            if error.seq:
                self._close(gateway, error.seq, error.seq, "unreadable")

    def _close(self, gateway, first, last, reason, counter="gaps"):
        log = self._log(gateway)
        parts = log.ledger.add_gap(first, last)
        self.batch.gaps += [(log.number, *part, reason) for part in parts]
        self.counts[counter] += sum(end - begin + 1 for begin, end in parts)
        self._touch(gateway)

    def _touch(self, gateway):
        self._touched.add(gateway.log)
        gateway.log.is_due = True
        self._due[gateway.log.number] = gateway

    def _is_new(self, gateway, seq, ts_us, is_live):
        log = self._log(gateway)
        self._touch(gateway)
        if is_live and ts_us < log.live_from_us:
            self.counts["of_a_former_log"] += 1
            return False
        found = log.ledger.add(seq)
        if found == ledger.LATE:
            self.batch.late.append((log.number, seq))
            self.counts["late"] += 1
        elif found == ledger.DUPLICATE:
            self.counts["duplicates"] += 1
        elif found == ledger.NO_ROOM:
            self.counts["no_room"] += 1  # comes again, for it is not acknowledged
        return found in (ledger.NEW, ledger.LATE)

    def _take_reading(self, gateway, origin, item, is_live):
        reading = decode.reading(item)
        if reading is None:
            self.counts["without_seq"] += 1
            return
        series = self._series(gateway, *origin)
        if self._is_new(gateway, reading.seq, reading.ts_us, is_live):
            self.batch.add_reading(gateway.log.number, series, reading)
            self.counts["readings"] += 1

    def _take_batch(self, gateway, items, topic, now):
        for item in decode.batch(items):
            try:
                self._take_reading(gateway, decode.origin(item), item, False)
            except decode.Refused as error:
                self._refuse(gateway, topic, json.dumps(item).encode(), error, now)

    def _take_event(self, gateway, item, is_live):
        event = decode.event(item)
        if event is None:
            self.counts["without_seq"] += 1
            return
        seq, ts_us, word, alarm, body = event
        if self._is_new(gateway, seq, ts_us, is_live):
            self.batch.events.append((gateway.log.number, seq, ts_us, word, alarm, body.decode()))
            self.batch.size_bytes += len(body)
            self.counts["events"] += 1

    def _take_gap(self, gateway, item):
        reason, ranges = decode.gap(item)
        for first, last in ranges:
            self._close(gateway, first, last, reason)

    def _take_summary(self, gateway, route, item):
        first, last, count, from_us, to_us, signals = decode.summary(item)
        series = self._series(gateway, route.bus, route.message)
        log = self._log(gateway)
        row = log.number, series, first, last, count, from_us, to_us, signals.decode()
        self.batch.summaries.append(row)
        self.batch.size_bytes += len(signals)
        self.counts["summaries"] += 1

    def _take_info(self, gateway, item):
        name, acknowledged, started_us = decode.info(item)
        if name == "":
            return
        if gateway.log is None or gateway.log.name != name:
            self._use_log(gateway, name, acknowledged, started_us)
            self.counts["logs"] += 1
        gateway.log.done_with = max(gateway.log.done_with, acknowledged)
        self._touch(gateway)

    # --- what comes of it

    def take_batch(self, now):
        """The batch, complete, and another one begun."""
        self._give_up(now)
        batch, self.batch = self.batch, Batch()
        for log in self._touched:
            batch.contiguous[log.number] = log.ledger.contiguous
        self._touched = set()
        return batch

    def committed(self, batch):
        for number, contiguous in batch.contiguous.items():
            self._logs[number].committed = contiguous

    def tell_all(self):
        """On a new connection: what was acknowledged on the one before may not have arrived."""
        for gateway in self._gateways.values():
            if gateway.log is not None:
                gateway.log.is_due, gateway.log.told_at = True, -1e9
                self._due[gateway.log.number] = gateway

    def acknowledgements(self, now):
        """Topic and payload of each one that is due."""
        for number, gateway in list(self._due.items()):
            log = gateway.log
            if log.number != number or not log.is_due:
                del self._due[number]
            elif log.is_based and now - log.told_at >= self.settings.ack_ms / 1000:
                log.told_at = now
                log.is_due = log.committed < log.ledger.contiguous
                name = f" {log.name}" if log.name else ""
                yield f"{gateway.root}/ack/{self.settings.sink}", f"{log.committed}{name}"

    def _give_up(self, now):
        """A hole that cannot fill any more is closed: the gateway said that it is done with those seqs,
        or payloads of it came that nobody can read, for a long time."""
        for gateway in list(self._due.values()):
            log = gateway.log
            hole = log.ledger.first_hole
            if hole is None or not log.is_based:
                log.stuck_at = 0
            elif hole[0] != log.stuck_at:
                log.stuck_at, log.stuck_since = hole[0], now
            elif now - log.stuck_since < self.settings.give_up_s:
                continue
            elif log.refused_at >= log.stuck_since:
                self._close(gateway, *hole, "unreadable", "given_up")
            elif log.done_with >= hole[0]:
                self._close(gateway, hole[0], min(hole[1], log.done_with), "not_sent", "given_up")
