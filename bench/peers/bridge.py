#!/usr/bin/python3
"""What people write first: python-can and paho-mqtt, the one DBC file's signals decoded by hand. Frames from stdin.

usage: bench/peers/bridge.py PORT QOS
"""

import json
import sys

import can
import paho.mqtt.client as mqtt

IN_FLIGHT_MAX = 100


def main():
    port, qos = int(sys.argv[1]), int(sys.argv[2])
    client = mqtt.Client(client_id="peer", protocol=mqtt.MQTTv311)
    client.max_inflight_messages_set(IN_FLIGHT_MAX)
    client.connect("127.0.0.1", port)
    client.loop_start()
    waiting = []
    for seq, frame in enumerate(can.CanutilsLogReader(sys.stdin), start=1):
        data = frame.data
        signals = {"Stamp": int.from_bytes(data[:5], "little"), "A": data[5] / 10, "B": data[6] - 40, "C": data[7]}
        payload = json.dumps({"ts": frame.timestamp, "seq": seq, "signals": signals})
        topic = f"edge/bench/gw/can/can0/M{frame.arbitration_id - 256}"
        waiting.append(client.publish(topic, payload, qos=qos, retain=True))
        if len(waiting) > IN_FLIGHT_MAX:
            waiting.pop(0).wait_for_publish()


if __name__ == "__main__":
    main()
