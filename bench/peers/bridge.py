#!/usr/bin/python3
"""What people write first: python-can's log reader, cantools and paho-mqtt. Frames from stdin.

usage: bench/peers/bridge.py PORT QOS DBC
"""

import json
import sys

import can
import cantools
import paho.mqtt.client as mqtt

IN_FLIGHT_MAX = 100


def main():
    port, qos, dbc = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    messages = cantools.database.load_file(dbc)
    client = mqtt.Client(client_id="peer", protocol=mqtt.MQTTv311)
    client.max_inflight_messages_set(IN_FLIGHT_MAX)
    client.connect("127.0.0.1", port)
    client.loop_start()
    waiting = []
    for seq, frame in enumerate(can.CanutilsLogReader(sys.stdin), start=1):
        message = messages.get_message_by_frame_id(frame.arbitration_id)
        signals = message.decode(frame.data)
        payload = json.dumps({"ts": frame.timestamp, "seq": seq, "signals": signals})
        waiting.append(client.publish(f"edge/bench/gw/can/can0/{message.name}", payload, qos=qos, retain=True))
        if len(waiting) > IN_FLIGHT_MAX:
            waiting.pop(0).wait_for_publish()


if __name__ == "__main__":
    main()
