#!/usr/bin/python3
"""The store of the centre, as small as it can be: everything of a gateway's two lanes into SQLite.

usage: central_store.py DATABASE SINK TOPIC_ROOT ADDRESS[,ADDRESS...]

TOPIC_ROOT is edge/<site>/<gateway>. What is committed is acknowledged on ack/<sink>, up to the first
hole. The brokers may be of a cluster: one is as good as another.
"""

import json
import queue
import sqlite3
import sys
import time

import paho.mqtt.client as paho

COMMIT_S = 0.2
ACK_S = 1.0
RETRY_S = 0.5
KEEPALIVE_S = 5

SCHEMA = """
CREATE TABLE IF NOT EXISTS reading(seq INTEGER PRIMARY KEY, lane TEXT, content TEXT, copies INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS conflict(seq INTEGER, content TEXT);
CREATE TABLE IF NOT EXISTS gap(first INTEGER, last INTEGER, reason TEXT, UNIQUE(first, last, reason));
"""


class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.executescript(SCHEMA)
        self.contiguous = 0

    def take(self, lane, bus, message, item, retained):
        seq = item.pop("seq", None)
        if seq is None:
            return
        content = json.dumps([bus, message, item], sort_keys=True)
        known = self.db.execute("SELECT content FROM reading WHERE seq=?", (seq,)).fetchone()
        if known is None:
            self.db.execute("INSERT INTO reading(seq,lane,content) VALUES(?,?,?)", (seq, lane, content))
        elif known[0] != content:
            self.db.execute("INSERT INTO conflict VALUES(?,?)", (seq, content))
        elif not retained:
            self.db.execute("UPDATE reading SET copies=copies+1 WHERE seq=?", (seq,))

    def take_gap(self, gap):
        rows = [(first, last, gap["reason"]) for first, last in gap["ranges"]]
        self.db.executemany("INSERT OR IGNORE INTO gap VALUES(?,?,?)", rows)

    def acknowledged(self):
        """The highest seq up to which there is no hole."""
        while True:
            at = self.contiguous
            gap = self.db.execute("SELECT max(last) FROM gap WHERE first<=? AND last>?", (at + 1, at))
            self.contiguous = gap.fetchone()[0] or at
            for (seq,) in self.db.execute(
                "SELECT seq FROM reading WHERE seq>? ORDER BY seq", (self.contiguous,)
            ):
                if seq != self.contiguous + 1:
                    break
                self.contiguous = seq
            if self.contiguous == at:
                return at

    def on_message(self, levels, payload, retained):
        match levels:
            case ["can", bus, message] if message != "state":
                self.take("live", bus, message, json.loads(payload), retained)
            case ["event"] | ["alarms", "event"]:
                self.take("live", None, "event", json.loads(payload), retained)
            case ["backfill", "gap"]:
                self.take_gap(json.loads(payload))
            case ["backfill", "event"]:
                self.take("backfill", None, "event", json.loads(payload), retained)
            case ["backfill", "batch"]:
                for item in json.loads(payload):
                    self.take("backfill", item.pop("bus"), item.pop("message"), item, retained)
            case ["backfill", bus, message]:
                self.take("backfill", bus, message, json.loads(payload), retained)


def connection(sink, root, arrived):
    client = paho.Client(client_id=f"store-{sink}", clean_session=False, protocol=paho.MQTTv311)

    def on_connect(c, _userdata, _flags, code):
        if code == 0:
            print("connected", file=sys.stderr, flush=True)
            c.subscribe([(f"{root}/{topic}", 1) for topic in ("can/#", "event", "alarms/event", "backfill/#")])

    client.on_connect = on_connect
    client.on_message = lambda _c, _u, m: arrived.put((m.topic, m.payload, m.retain))
    return client


def connect(client, addresses):
    """To one of them after the other, until one answers."""
    while True:
        address = addresses.pop(0)
        addresses.append(address)
        try:
            client.connect(address, 1883, KEEPALIVE_S)
            return
        except OSError as error:
            print(f"{address}: {error}", file=sys.stderr, flush=True)
            time.sleep(RETRY_S)


def main():
    path, sink, root, addresses = sys.argv[1:]
    addresses = addresses.split(",")
    store, arrived = Store(path), queue.Queue()
    client = connection(sink, root, arrived)
    connect(client, addresses)
    commit_at_s = ack_at_s = time.monotonic()
    while True:
        if client.loop(0.05) != paho.MQTT_ERR_SUCCESS:
            time.sleep(RETRY_S)
            connect(client, addresses)
        while not arrived.empty():
            topic, payload, retained = arrived.get()
            store.on_message(topic.removeprefix(root + "/").split("/"), payload, retained)
        now_s = time.monotonic()
        if now_s >= commit_at_s:
            commit_at_s = now_s + COMMIT_S
            store.db.commit()
            if now_s >= ack_at_s:
                ack_at_s = now_s + ACK_S
                client.publish(f"{root}/ack/{sink}", store.acknowledged(), qos=1)


if __name__ == "__main__":
    main()
