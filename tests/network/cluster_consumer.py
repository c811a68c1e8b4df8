#!/usr/bin/python3
"""A sink of one gateway at a cluster: central_store.py with an account of the cluster, as MQTT 3.1.1.

usage: cluster_consumer.py DATABASE NAME PASSWORD TOPIC_ROOT ADDRESS[,ADDRESS...] [CA CERTIFICATE KEY]

Its session is kept by the cluster; when the node that it is connected to is gone, the next one is asked.
"""

import queue
import sys
import time

import central_store
import paho.mqtt.client as paho

FILTERS = ("can/+/+", "event", "alarms/event", "backfill/+/+", "backfill/batch", "backfill/event", "backfill/gap")


def connection(name, password, root, tls, arrived):
    client = paho.Client(
        client_id=f"{name}-{root.rsplit('/', 1)[-1]}", clean_session=False, protocol=paho.MQTTv311
    )
    client.username_pw_set(name, password)
    if tls:
        client.tls_set(*tls)

    def on_connect(c, _userdata, _flags, code):
        print(f"connected {code}", file=sys.stderr, flush=True)
        if code == 0:
            c.subscribe([(f"{root}/{topic}", 1) for topic in FILTERS])

    client.on_connect = on_connect
    client.on_subscribe = lambda _c, _u, _m, granted: print(f"granted {granted}", file=sys.stderr, flush=True)
    client.on_message = lambda _c, _u, m: arrived.put((m.topic, m.payload, m.retain))
    return client


def main():
    path, name, password, root, addresses, *tls = sys.argv[1:]
    addresses = addresses.split(",")
    store, arrived = central_store.Store(path), queue.Queue()
    client = connection(name, password, root, tls, arrived)
    central_store.connect(client, addresses)
    commit_at_s = ack_at_s = time.monotonic()
    while True:
        if client.loop(0.05) != paho.MQTT_ERR_SUCCESS:
            time.sleep(central_store.RETRY_S)
            central_store.connect(client, addresses)
        while not arrived.empty():
            topic, payload, retained = arrived.get()
            store.on_message(topic.removeprefix(root + "/").split("/"), payload, retained)
        now_s = time.monotonic()
        if now_s >= commit_at_s:
            commit_at_s = now_s + central_store.COMMIT_S
            store.db.commit()
            if now_s >= ack_at_s:
                ack_at_s = now_s + central_store.ACK_S
                client.publish(f"{root}/ack/{name}", store.acknowledged(), qos=1)


if __name__ == "__main__":
    main()
