"""Devices of other projects, and inputs from anybody's topics: this test plays the devices."""

import signal
import subprocess

import support

CONFIG = """
site: test
node: auto1
broker: {{ address: 127.0.0.1, port: {port}, retry_min: 20ms, retry_max: 100ms }}
inputs:
  temperature: {{ topic: zigbee2mqtt/thermo, field: temperature, unit: °C, availability: {{ topic: zigbee2mqtt/thermo/availability, field: state }} }}
  power: {{ topic: tele/plug/SENSOR, field: /ENERGY/Power, unit: W, stale_after: 1h }}
  pump_alarm: {{ topic: edge/test/gw1/alarms/pump, field: state, stale_after: 0s }}
devices:
  plug: {{ driver: mqtt, preset: tasmota, topic: plug, confirm_within: 30s, fail_safe: "OFF" }}
  lamp: {{ driver: mqtt, preset: zigbee2mqtt, topic: zigbee2mqtt/lamp, field: brightness, range: {{ min: 0, max: 254 }}, confirm_within: 30s }}
  pump: {{ driver: mqtt, preset: esphome, topic: cellar/switch/pump, confirm_within: 30s }}
  valve: {{ driver: mqtt, preset: homie, topic: homie/garden/valve/open, confirm_within: 30s }}
  fan:
    driver: mqtt
    command_topic: shop/fan/cmd
    payload: '{{"speed":{{value}}}}'
    state_topic: shop/fan
    state_field: /motor/speed
    availability: {{ topic: shop/fan/lwt, available: up }}
    range: {{ min: 0, max: 3 }}
    confirm_within: 30s
  toy: {{ driver: simulated, delay: 10ms }}
  buzzer: {{ driver: mqtt, command_topic: buzzer/cmd, rest: "OFF" }}
thermostats:
  air: {{ input: temperature, device: plug, setpoint: 21 °C }}
rules:
  power_hungry: {{ while: power > 1 kW, device: fan, value: 3 }}
  doorbell: {{ messages: [{{ topic: door/bell, payload: ring }}], do: [{{ set: buzzer, value: "ON", for: 100ms }}, {{ publish: door/seen, payload: x }}] }}
  alarmed: {{ while: pump_alarm is active_unack, device: toy, value: "ON", otherwise: "OFF" }}
"""

FAULTY = """site: test
node: auto1
broker: { address: 127.0.0.1 }
inputs:
  both: { gateway: gw1, signal: a/b/c, topic: x }
  forever: { topic: x }
  wild: { topic: a/+/b, stale_after: 1s }
  slashed: { topic: a, field: b/c, stale_after: 1s }
  homeless: { signal: a/b/c }
  early: { derive: mean, of: [late] }
  late: { derive: mean, of: [plain, percent] }
  plain: { topic: a, unit: °C, stale_after: 1s }
  percent: { topic: b, unit: "%", stale_after: 1s }
  one: { derive: difference, of: plain }
  runs: { derive: time_in_state, of: plain, unit: °C }
  trend: { derive: max, of: [plain], over: 1h, stale_after: 1s }
rules:
  dim: { at_start: yes, do: [{ ramp: dimmer, from: 0, to: 200, over: 1min }, { ramp: dimmer, to: 1 }, { delay: 1s, over: 1s }] }
devices:
  dimmer: { driver: simulated, range: { min: 0, max: 100 } }
  plug: { driver: mqtt, preset: homie, topic: valve }
  lamp: { driver: mqtt, topic: x }
  fan: { driver: mqtt, command_topic: x, payload: "1" }
  heater: { driver: simulated, command: a/b/c }
  relay: { driver: gpio, values: { "ON": "On" } }
  nothing: { values: { "ON": "1", "OFF": "0" } }
"""
FAULTS = (
    "5:3: error: input 'both' needs exactly one of 'signal' (with 'gateway'), 'topic', and 'derive' (with 'of')",
    "6:3: error: input 'forever' needs 'stale_after' or 'availability'",
    "7:18: error: 'a/+/b' is no topic",
    "8:31: error: 'b/c' is no field",
    "9:23: error: 'signal' needs 'gateway'",
    "10:31: error: 'late' is derived itself, and must stand before 'early'",
    "11:37: error: 'percent' is in %, but 'plain' in °C",
    "14:3: error: input 'one' needs 'of' with two inputs",
    "15:3: error: 'state' says which state's time counts",
    "15:51: error: what is derived from 'plain' is in s: leave the unit out",
    "16:44: error: 'over' goes with rate and time_in_state",
    "18:59: error: device 'dimmer' does not take the number 200",
    "18:86: error: 'ramp' needs 'from', 'to' and 'over'",
    "18:103: error: a key of this action belongs to another one",
    "16:3: error: input 'trend' is derived: it is stale when one that it is derived from is",
    "21:47: error: 'valve' is no topic of a homie device - write it such as homie/pump/relay/on",
    "22:3: error: device 'lamp' needs 'preset' (tasmota, zigbee2mqtt, esphome, homie) and 'topic', or 'command_topic'",
    "23:51: error: the payload has no {value} in it",
    "24:41: error: 'command' is a key of driver can, but the driver of device 'heater' is simulated",
    "25:3: error: device 'relay' needs 'line'",
    "25:3: error: device 'relay': a line of a GPIO chip is 0 or 1",
    "26:3: error: device 'nothing' needs 'gateway' and 'command' (driver can)",
)

GPIO = """
site: test
node: auto1
broker: {{ address: 127.0.0.1, port: {port} }}
devices:
  relay: {{ driver: gpio, chip: no-such-chip, line: 1 }}
"""


class CheckTest(support.TestCase):
    def test_what_a_device_lacks_is_told(self):
        (self.directory / "automation.yaml").write_text(FAULTY, encoding="utf-8")
        result = subprocess.run(
            [support.BIN_DIR / "automation-node", "check", "-c", "automation.yaml"],
            cwd=self.directory, capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual(result.returncode, 1)
        for told in FAULTS:
            self.assertIn(f"automation.yaml:{told}", result.stderr)

    def test_a_machine_without_the_chip_says_what_to_do(self):
        (self.directory / "automation.yaml").write_text(GPIO.format(port=support.free_port()))
        result = subprocess.run(
            [support.BIN_DIR / "automation-node", "run", "-c", "automation.yaml"],
            cwd=self.directory, capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, "relay: .*(gpiodetect lists|built without libgpiod)|built without libgpiod")


class DevicesTest(support.TestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker)
        self.client.subscribe("#")
        self.start_node()

    def start_node(self):
        path = self.directory / "automation.yaml"
        path.write_text(CONFIG.format(port=self.broker.port), encoding="utf-8")
        self.node = self.start_process(
            [support.BIN_DIR / "automation-node", "run", "-c", "automation.yaml"]
        )
        self.client.wait_topic("edge/test/auto1/status", "online")

    def wait_online(self, after):
        self.client.wait_for(
            lambda _: any(
                m.topic == "edge/test/auto1/status" and m.text == "online"
                for m in self.client.messages[after:]
            )
        )

    def wish(self, device, value):
        self.client.post(f"edge/test/devices/{device}/set", value)

    def wait_state(self, device, **expected):
        self.client.wait_for(
            lambda m: m.topic == f"edge/test/devices/{device}/state"
            and all(m.json.get(key) == value for key, value in expected.items())
        )

    def test_a_tasmota_plug_obeys_and_tells(self):
        self.client.post("zigbee2mqtt/thermo", '{"temperature":25}')
        self.client.post("tele/plug/LWT", "Online")
        self.wish("plug", "ON")
        command = self.client.wait_topic("cmnd/plug/POWER", "ON")
        self.assertFalse(command.retain)
        self.assertLessEqual(command.properties.MessageExpiryInterval, 30)
        self.client.post("stat/plug/RESULT", '{"POWER":"ON"}')
        self.wait_state("plug", value="ON", target="ON", quality="good")
        self.client.post("tele/plug/STATE", '{"Uptime":"0T00:00:10","POWER":"OFF"}')
        self.wait_state("plug", value="OFF", target="ON")

    def test_a_zigbee_lamp_takes_a_number_in_json(self):
        self.wish("lamp", "128")
        self.client.wait_topic("zigbee2mqtt/lamp/set", '{"brightness":128}')
        self.client.post("zigbee2mqtt/lamp", '{"state":"ON","brightness":128,"linkquality":90}')
        self.wait_state("lamp", value=128, quality="good")
        self.client.post("zigbee2mqtt/lamp/availability", '{"state":"offline"}')
        self.wait_state("lamp", quality="stale")

    def test_an_esphome_switch_is_gone_with_its_node(self):
        self.client.post("cellar/status", "online")
        self.wish("pump", "ON")
        self.client.wait_topic("cellar/switch/pump/command", "ON")
        self.client.post("cellar/switch/pump/state", "ON")
        self.wait_state("pump", value="ON", quality="good")
        self.client.post("cellar/status", "offline")
        self.wait_state("pump", quality="stale")

    def test_a_homie_property_says_true_and_false(self):
        self.wish("valve", "ON")
        self.client.wait_topic("homie/garden/valve/open/set", "true")
        self.client.post("homie/garden/valve/open", "true", retain=True)
        self.wait_state("valve", value="ON", quality="good")
        self.client.post("homie/garden/$state", "lost", retain=True)
        self.wait_state("valve", quality="stale")

    def test_custom_topics_are_followed_as_they_are_written(self):
        self.wish("fan", "2")
        self.client.wait_topic("shop/fan/cmd", '{"speed":2}')
        self.client.post("shop/fan", '{"motor":{"speed":2}}')
        self.wait_state("fan", value=2, quality="good")
        self.client.post("shop/fan/lwt", "down")
        self.wait_state("fan", quality="stale")

    def test_a_sensor_of_anybodys_closes_the_loop_and_its_absence_opens_it(self):
        self.client.post("zigbee2mqtt/thermo/availability", "online")
        self.client.post("zigbee2mqtt/thermo", '{"temperature":18.5,"battery":80}')
        self.client.wait_topic("cmnd/plug/POWER", "ON")
        self.wait_state("plug", target="ON", source="controller:air")
        self.client.post("zigbee2mqtt/thermo/availability", "offline")
        self.client.wait_topic("cmnd/plug/POWER", "OFF")
        self.wait_state("plug", target="OFF", source="fail_safe")

    def test_what_the_broker_had_kept_of_a_sensor_that_is_away_says_nothing(self):
        self.node.stop()
        self.client.publish("zigbee2mqtt/thermo/availability", "offline", retain=True)
        self.client.publish("zigbee2mqtt/thermo", '{"temperature":18.5}', retain=True)
        count = len(self.client.messages)
        self.node.start()
        self.wait_online(after=count)
        self.client.publish("zigbee2mqtt/thermo", '{"temperature":18.4}')  # alive after all
        self.client.wait_for(
            lambda m: m.topic == "edge/test/devices/plug/state" and m.json["target"] == "ON"
        )
        states = [m.json for m in self.client.messages[count:] if m.topic.endswith("plug/state")]
        self.assertIn("18.4", states[-1]["reason"])

    def test_values_deep_in_json_have_units(self):
        self.client.post("tele/plug/SENSOR", '{"Time":"now","ENERGY":{"Power":1500}}')
        self.client.wait_topic("shop/fan/cmd", '{"speed":3}')
        self.wait_state("fan", target=3, source="rule:power_hungry")

    def test_an_alarm_is_an_input_and_a_simulated_device_obeys(self):
        alarm = "edge/test/gw1/alarms/pump"
        self.client.post(alarm, '{"state":"normal","since":1795423160,"priority":2,"text":""}')
        self.wait_state("toy", value="OFF", target="OFF", quality="good")
        self.client.post(alarm, '{"state":"active_unack","since":1795423160,"priority":2,"text":""}')
        self.wait_state("toy", value="ON", target="ON", quality="good")

    def test_a_message_is_a_trigger_each_time_but_not_one_that_was_kept(self):
        self.client.publish("door/bell", "ring", retain=True)
        self.client.wait_topic("door/seen")
        self.client.publish("door/bell", "knock")
        self.client.publish("door/bell", "ring")
        self.client.wait_for(lambda _: self.count("door/seen") == 2)
        self.client.wait_topic("buzzer/cmd", "ON")
        count = len(self.client.messages)
        self.node.stop()
        self.node.start()
        self.wait_online(after=count)
        self.client.publish("door/bell", "ring")
        self.client.wait_for(lambda _: self.count("door/seen") == 3)

    def count(self, topic):
        return sum(1 for m in self.client.messages if m.topic == topic)

    def test_nothing_is_sent_again_after_an_outage(self):
        self.wish("pump", "ON")
        self.client.wait_topic("cellar/switch/pump/command", "ON")
        self.client.post("cellar/switch/pump/state", "ON")
        self.wait_state("pump", value="ON", quality="good")
        before = len(self.client.messages)
        self.broker.kill()
        self.client.wait_disconnected()
        self.broker.start()
        self.client.wait_connected()
        self.client.subscribe("#")
        self.wait_online(after=before)
        count = len(self.client.messages)
        self.wish("pump", "OFF")
        self.client.wait_topic("cellar/switch/pump/command", "OFF")
        again = [m.text for m in self.client.messages[count:] if m.topic.endswith("/command")]
        self.assertEqual(again, ["OFF"])

    def test_what_was_decided_during_an_outage_is_told_after_it(self):
        """A device without a feedback: nobody else would notice that it never heard of it."""
        lines = len(self.node.log.splitlines())
        self.wish("buzzer", '{"value":"ON","for_s":2}')
        self.client.wait_topic("buzzer/cmd", "ON")
        self.broker.kill()
        self.node.wait_log("buzzer -> OFF", after=lines)
        self.node.send(signal.SIGSTOP)  # until somebody listens
        self.client.wait_disconnected()
        before = len(self.client.messages)
        self.broker.start()
        self.client.wait_connected()
        self.client.subscribe("#")
        self.node.send(signal.SIGCONT)
        self.client.wait_for(lambda _: self.texts("buzzer/cmd", after=before) == ["OFF"])

    def texts(self, topic, after):
        return [m.text for m in self.client.messages[after:] if m.topic == topic]


if __name__ == "__main__":
    support.main()
