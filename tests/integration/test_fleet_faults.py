"""The store of a fleet against a real broker and a real PostgreSQL: real gateways, and whatever dies."""

import json
import os
import random
import subprocess
import time

import fleet_support
import gateway_support
import support
from gateway_support import ROOT

FAULTS = int(os.environ.get("EDGE_TEST_FLEET_FAULTS", "6"))


class Faults(fleet_support.TestCase):
    """kill -9 of the store, the database, the broker and the gateway while frames flow."""

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("EDGE_TEST_SEED", random.randrange(2**32)))
        print(f"EDGE_TEST_SEED={seed}", flush=True)
        self.random = random.Random(seed)
        self.postgres = self.start_postgres()
        self.broker = self.start_broker()
        self.store_configuration = self.fleet_configuration(self.broker, self.postgres)
        self.feed = self.start_feed(can_ids=(0x123, 0x124))
        self.names = 0

    def start_store(self):
        self.names += 1
        self.store = self.start_fleet_store(self.store_configuration, f"store-{self.names}")

    def start_sending_gateway(self):
        self.names += 1
        backfill = {"ack": "sink", "sinks": ["fleet-store"], "ack_timeout": "2s", "batch": 20}
        settings = self.settings(self.broker, self.feed, backfill=backfill)
        self.gateway = self.start_gateway(settings, name=f"gateway-{self.names}")

    def fault(self, what):
        pause = 1.5 * self.random.random()  # how long it is away is what is random here
        if what == "store":
            self.store.kill()
            time.sleep(pause)
            self.start_store()
        elif what == "postgres":
            self.postgres.kill()
            time.sleep(pause)
            self.postgres.start()
        elif what == "broker":
            self.broker.kill()
            time.sleep(pause)
            self.broker.start()
        elif what == "gateway":
            self.gateway.kill()
            self.gateway.check_sanitizers()
            time.sleep(pause)
            self.start_sending_gateway()

    def faults(self):
        """Each kind as often as the others, in random order."""
        kinds = ("store", "postgres", "broker", "gateway")
        order = [kinds[i % len(kinds)] for i in range(FAULTS)]
        self.random.shuffle(order)
        return order

    def logged(self):
        """What the gateway's own log has: seq to (ts, number); and how far it goes."""
        command = [gateway_support.PROGRAM, "history", "--log", self.directory / "edge.db"]
        command += ["--dbc", self.dbc, "--bus", "can0"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        frames = map(json.loads, done.stdout.splitlines())
        return {f["seq"]: (f["ts"], f["signals"]["Number"]["value"]) for f in frames}

    def stored(self):
        rows = self.postgres.query(
            "SELECT seq, extract(epoch FROM ts), signals ->> 'Number' FROM fleet.reading ORDER BY seq"
        )
        self.assertEqual(len(rows), len({seq for seq, _, _ in rows}), "a seq twice")
        return {int(seq): (float(ts), int(number)) for seq, ts, number in rows}

    def test_every_accepted_seq_is_stored_once(self):
        self.start_store()
        self.start_sending_gateway()
        self.feed.start(per_second=400)
        order = self.faults()
        begin = time.monotonic()
        for what in order:
            target = len(self.feed.sent) + self.random.randrange(100, 500)
            while len(self.feed.sent) < target:
                time.sleep(0.01)
            self.fault(what)
        self.feed.stop()
        faults_s = time.monotonic() - begin
        self.feed.send(1)  # the last one tells that all before it were read
        self.wait_complete(len(self.feed.sent))
        recovered_s = time.monotonic() - begin - faults_s
        self.store.stop()
        self.gateway.stop()
        self.check(order, faults_s, recovered_s)

    def wait_complete(self, number):
        """Until the last frame is stored and nothing is missing any more."""
        last = f"SELECT count(*) FROM fleet.reading WHERE (signals ->> 'Number')::int = {number}"
        self.postgres.wait()
        self.wait_rows(self.postgres, last, 1)
        self.wait_rows(self.postgres, "SELECT coalesce(sum(missing), -1) FROM fleet.completeness", 0)

    def check(self, order, faults_s, recovered_s):
        logged, stored = self.logged(), self.stored()
        lost = [seq for seq in logged if seq not in stored]
        self.assertEqual(lost, [], "in the gateway's log, and not stored")
        self.assertEqual([s for s, content in logged.items() if stored[s] != content], [])
        gaps = self.postgres.query("SELECT first, last, reason FROM fleet.gap")
        self.assertLessEqual({reason for _, _, reason in gaps}, {"restart"})
        ((contiguous, highest),) = self.postgres.query("SELECT contiguous, highest FROM fleet.completeness")
        self.assertEqual(contiguous, highest)
        numbers = sorted(number for _, number in stored.values())
        self.assertEqual(len(numbers), len(set(numbers)), "a frame under two seqs")
        missed = len(self.feed.sent) - len(numbers)
        print(
            f"{len(order)} faults in {faults_s:.0f} s ({', '.join(order)}): {len(logged)} readings logged, "
            f"0 lost, 0 stored twice, {len(stored) - len(logged)} stored that the gateway lost again, "
            f"{missed} frames never accepted; complete {recovered_s:.1f} s after the last",
            flush=True,
        )
        return contiguous


if __name__ == "__main__":
    fleet_support.main()
