#!/usr/bin/python3
"""The automation of greenhouse.sh in Python (paho-mqtt): see docs/replace.md."""

import json
import os
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

SITE = "edge/" + os.environ.get("SITE_ID", "demo")
GATEWAY = f"{SITE}/" + os.environ.get("GATEWAY_ID", "gw1")
NODE = f"{SITE}/" + os.environ.get("NODE_ID", "auto1")
ON_BELOW = float(os.environ.get("ON_BELOW", "20.5"))  # °C
OFF_ABOVE = float(os.environ.get("OFF_ABOVE", "21.5"))
STALE_S = float(os.environ.get("STALE_S", "15"))
OVERRIDE_S = 3600


class Greenhouse:
    def __init__(self):
        self.temperature = self.actual = self.wish = self.target = self.told = self.state = None
        self.seen = self.wish_until = self.told_at = 0
        # paho-mqtt 2 wants to be told which callbacks these are; 1.x knows only one kind.
        version = [mqtt.CallbackAPIVersion.VERSION2] if hasattr(mqtt, "CallbackAPIVersion") else []
        self.client = mqtt.Client(*version, protocol=mqtt.MQTTv5)
        self.client.will_set(f"{NODE}/status", "offline", qos=1, retain=True)
        self.client.on_connect = self.on_connect
        self.client.on_message = self.on_message

    def on_connect(self, *_):
        for topic in ("can/can0/Climate", "can/can0/Actuators"):
            self.client.subscribe(f"{GATEWAY}/{topic}", qos=1)
        self.client.subscribe(f"{SITE}/devices/heater/set", qos=1)
        self.client.publish(f"{NODE}/status", "online", qos=1, retain=True)

    def on_message(self, _client, _userdata, message):
        if message.topic.endswith("/set"):
            if not message.retain:  # a retained wish would act again and again
                self.take_wish(message.payload.decode())
            return
        signals = json.loads(message.payload)["signals"]
        if "Temperature" in signals:
            self.temperature, self.seen = signals["Temperature"], time.monotonic()
        self.actual = signals.get("Heater", self.actual)

    def take_wish(self, text):
        wish = json.loads(text) if text.startswith("{") else {"value": text}
        self.wish = wish["value"]  # None gives the heater back
        self.wish_until = time.monotonic() + wish.get("for_s", OVERRIDE_S)

    def decide(self):
        """Safety, then people, then the thermostat."""
        now = time.monotonic()
        if not self.seen or now - self.seen >= STALE_S:
            return "OFF", "fail_safe", f"no temperature for {STALE_S:g} s"
        if self.wish and now < self.wish_until:
            return self.wish, "manual", "asked for"
        reason = f"temperature is {self.temperature} °C, kept between {ON_BELOW} °C and {OFF_ABOVE} °C"
        if self.temperature < ON_BELOW:
            return "ON", "script", reason
        if self.temperature >= OFF_ABOVE:
            return "OFF", "script", reason
        return self.target or "OFF", "script", reason

    def command(self):
        """Never retained, and dead early, so that none acts late."""
        properties = Properties(PacketTypes.PUBLISH)
        properties.MessageExpiryInterval = 5
        label = "On" if self.target == "ON" else "Off"
        payload = json.dumps({"signals": {"Heater": label}, "ttl_ms": 5000})
        topic = f"{GATEWAY}/can/can0/HeaterCommand/set"
        self.client.publish(topic, payload, qos=1, properties=properties)
        self.told, self.told_at = self.target, time.monotonic()

    def tell(self, source, reason):
        value = {"On": "ON", "Off": "OFF"}.get(self.actual)
        state = (value, self.target, source)
        if state != self.state:
            self.state = state
            quality = "good" if value else "stale"
            payload = {"value": value, "target": self.target, "source": source, "reason": reason, "quality": quality}
            self.client.publish(f"{SITE}/devices/heater/state", json.dumps(payload), qos=1, retain=True)

    def step(self):
        self.target, source, reason = self.decide()
        follows = self.actual is not None and self.actual.upper() == self.target
        if self.target != self.told or (not follows and time.monotonic() - self.told_at >= 5):
            self.command()
        self.tell(source, reason)

    def run(self):
        host = os.environ.get("MQTT_ADDRESS", "127.0.0.1")
        self.client.connect(host, int(os.environ.get("MQTT_PORT", "1883")))
        while self.client.loop(timeout=1) == mqtt.MQTT_ERR_SUCCESS:
            self.step()


if __name__ == "__main__":
    Greenhouse().run()
