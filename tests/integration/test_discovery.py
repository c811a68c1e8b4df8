"""What Home Assistant is told: valid by its own rules, for the demo and for other people's DBC files;
every template renders on what is really published; sent again when it starts; no ghosts."""

import gzip
import json
import subprocess

import discovery_support
import gateway_support
import support
import yaml
from discovery_support import NODE_PROGRAM, discovery, entities, is_config, payloads, printed
from gateway_support import BUS, PROGRAM, ROOT

VECTORS = support.SOURCE_DIR.parent / "shared/vectors/dbc"
DBC_FILES = 10
LOG_LINES = 1500
GATEWAY_CONFIG = "homeassistant/device/gw1/demo_gw1/config"

# Where there are no vectors: what other people's files have that the demo has not.
ODD_DBC = """VERSION ""
BU_: ECU Vector__XXX
BO_ 1 Mixed: 8 ECU
 SG_ Mode M : 0|2@1+ (1,0) [0|3] "" Vector__XXX
 SG_ Level m0 : 8|8@1+ (0.4,0) [0|100] "%" Vector__XXX
 SG_ items m1 : 8|8@1+ (1,-40) [-40|215] "degC" Vector__XXX
 SG_ State m1 : 16|4@1+ (1,0) [0|15] "" Vector__XXX
 SG_ Torque : 24|16@1- (0.5,0) [0|0] "N.m" Vector__XXX
 SG_ Flag : 40|1@1+ (1,0) [0|1] "" Vector__XXX
 SG_ Switch : 41|2@1+ (1,0) [0|3] "" Vector__XXX
BO_ 2 Mixed2: 8 Vector__XXX
 SG_ Energy : 0|32@1- (0.01,0) [0|0] "kWh" Vector__XXX
 SG_ Current : 32|16@1- (1,0) [0|0] "\xb5A" Vector__XXX
 SG_ Speed : 48|16@1+ (0.00390625,0) [0|250] "kph" Vector__XXX
CM_ SG_ 1 Torque "Shaft torque";
VAL_ 1 State 0 "Off" 1 "Standby " 2 "On" 14 "Error" 15 "SNA" ;
VAL_ 1 Switch 0 "Off" 1 "On" 2 "Error" 3 "Not available" ;
VAL_ 2 Speed 65535 "SNA" 65534 "Init" ;
"""
ODD_LOG = "".join(
    f"({i}.000000) can0 001#{mode:02X}{value:02X}{value & 15:02X}10270{value & 7:X}FF0\n".replace(
        "FF0\n", "FF\n"
    )
    + f"({i}.500000) can0 002#01000000FFFF{value * 257:04X}\n"
    for i, (mode, value) in enumerate([(0, 3), (1, 0), (1, 1), (1, 14), (1, 15), (2, 255), (0, 254)])
)

SHAPES = {
    "word_switch": {"driver": "simulated", "rest": "OFF"},
    "three": {"driver": "simulated", "values": {"low": 1, "mid": 2, "high": 3}, "rest": "low"},
    "level": {"driver": "simulated", "range": {"min": 0, "max": 40}, "rest": 0},
    "lamp": {"driver": "simulated", "rest": "OFF", "home_assistant": {"as": "light"}},
    "dimmer": {
        "driver": "simulated", "range": {"min": 0, "max": 254}, "rest": 0,
        "home_assistant": {"as": "light", "name": "Bed lamp", "area": "Bedroom"},
    },
    "blower": {"driver": "simulated", "range": {"min": 0, "max": 100}, "rest": 0,
               "home_assistant": {"as": "fan", "icon": "mdi:fan"}},
    "extractor": {"driver": "simulated", "rest": "OFF", "home_assistant": {"as": "fan"}},
    "blind": {"driver": "simulated", "range": {"min": 0, "max": 100}, "rest": 0,
              "home_assistant": {"as": "cover", "device_class": "blind"}},
    "gate": {"driver": "simulated", "values": {"OPEN": 1, "SHUT": 0}, "fail_safe": "SHUT",
             "home_assistant": {"as": "cover"}},
    "mixer": {"driver": "simulated", "range": {"min": 0, "max": 100}, "rest": 0,
              "home_assistant": {"as": "valve"}},
    "water": {"driver": "simulated", "rest": "OFF", "home_assistant": {"as": "valve"}},
    "bell": {"driver": "simulated", "rest": "OFF", "home_assistant": {"as": "button"}},
    "relay": {"driver": "simulated", "rest": "OFF", "home_assistant": {"as": "binary_sensor"}},
    "secret": {"driver": "simulated", "rest": "OFF", "home_assistant": {"show": False}},
}  # fmt: skip


class Discovery(discovery_support.TestCase):
    # --- what is printed

    def test_the_demo(self):
        gateway = payloads(PROGRAM, gateway_support.EXAMPLES / "gateway.yaml")
        node = payloads(NODE_PROGRAM, gateway_support.EXAMPLES / "automation.yaml")
        self.assert_valid(gateway + node)
        found = entities(gateway)
        temperature = found["demo_gw1_can0_Climate_Temperature"]
        self.assertEqual(temperature["dev_cla"], "temperature")
        self.assertEqual(temperature["sug_dsp_prc"], 2)
        self.assertEqual(found["demo_gw1_can0_Weather_Rain"]["ops"], ["Dry", "Drizzle", "Rain"])
        self.assertEqual(found["demo_gw1_can0_Weather_WindSpeed"]["dev_cla"], "wind_speed")
        self.assertEqual(found["demo_gw1_can0_EnergyMeter_Energy"]["stat_cla"], "total_increasing")
        self.assertEqual(found["demo_gw1_can0_Tank_Level"]["dev_cla"], "volume_storage")
        self.assertNotIn("demo_gw1_can0_HeaterCommand_Heater", found)
        self.assertEqual(entities(node)["demo_auto1_controller_air_main"]["p"], "climate")

    def test_it_prints_the_same_each_time_and_ids_outlive_another_grouping(self):
        settings = gateway_support.configuration(1883)
        path = self.write_configuration(settings)
        first = payloads(PROGRAM, path)
        self.assertEqual(first, payloads(PROGRAM, path))
        for group in ("message", "gateway"):
            settings["buses"]["can0"]["defaults"]["home_assistant"] = {"group": group}
            other = payloads(PROGRAM, self.write_configuration(settings))
            self.assert_valid(other)
            self.assertEqual(set(entities(first)), set(entities(other)), group)
            self.assertNotEqual([t for t, _ in first], [t for t, _ in other])
        self.assertEqual({json.loads(p)["dev"]["ids"][0] for _, p in other}, {"demo_gw1"})

    def test_what_the_configuration_says(self):
        settings = gateway_support.configuration(1883)
        settings["home_assistant"] = {"prefix": "ha", "name": "Gewächshaus", "area": "Garden"}
        bus = settings["buses"]["can0"]
        bus["messages"] = {
            "Climate": {"home_assistant": {
                "device": "Air",
                "signals": {
                    "Temperature": {"name": "Temperature inside", "icon": "mdi:leaf"},
                    "Humidity": {"device_class": "moisture"},
                    "CO2": {"device_class": "none", "unit": "parts"},
                    "Light": {"show": False},
                },
            }},
            "Weather": {"home_assistant": {"device": "Air"}},
            "Tank": {"home_assistant": {"show": False}},
        }  # fmt: skip
        messages = payloads(PROGRAM, self.write_configuration(settings))
        self.assert_valid(messages)
        topics = [topic for topic, _ in messages]
        self.assertIn("ha/device/gw1/demo_gw1_Air/config", topics)
        devices = {json.loads(p)["dev"]["name"]: json.loads(p)["dev"] for _, p in messages}
        self.assertEqual(devices["Gewächshaus"]["sa"], "Garden")
        self.assertEqual(devices["Air"]["via_device"], "demo_gw1")
        found = entities(messages)
        climate = "demo_gw1_can0_Climate_"
        self.assertEqual(found[climate + "Temperature"]["name"], "Temperature inside")
        self.assertEqual(found[climate + "Humidity"]["dev_cla"], "moisture")
        self.assertEqual(found[climate + "CO2"]["unit_of_meas"], "parts")
        self.assertNotIn("dev_cla", found[climate + "CO2"])
        self.assertNotIn(climate + "Light", found)
        self.assertIn("demo_gw1_can0_Weather_Rain", found)
        self.assertNotIn("demo_gw1_can0_Tank_Level", found)

    def test_what_home_assistant_would_refuse_is_refused_here(self):
        cases = {
            "Light: {device_class: temperature}": "'temperature' does not go with lx",
            "Light: {device_class: warmth}": "no device class 'warmth'",
            "Temperature: {state_class: total}": "'total' does not go with the device class",
            "Temprature: {name: x}": "did you mean 'Temperature'",
            "Temperature: {device_class: enum}": "cannot have the device class 'enum'",
        }
        for text, reason in cases.items():
            settings = gateway_support.configuration(1883)
            signals = yaml.safe_load("{" + text + "}")
            settings["buses"]["can0"]["messages"] = {
                "Climate": {"home_assistant": {"signals": signals}}
            }
            result = printed(PROGRAM, self.write_configuration(settings), check=False)
            self.assertEqual(result.returncode, 1, text)
            self.assertIn(reason, result.stderr, text)

    def test_a_device_that_is_too_large_for_one_payload(self):
        messages = "".join(
            f'BO_ {i + 1} Cells{i}: 8 BMS\n'
            + "".join(
                f' SG_ Cell{k} : {k}|1@1+ (1,0) [0|1] "" Vector__XXX\n' for k in range(64)
            )
            for i in range(8)
        )
        dbc = self.directory / "large.dbc"
        dbc.write_text(f'VERSION ""\nBU_: BMS\n{messages}')
        settings = gateway_support.configuration(
            1883, gateway_support.replayed_bus(gateway_support.GREENHOUSE_LOG, dbc)
        )
        found = payloads(PROGRAM, self.write_configuration(settings))
        self.assert_valid(found)
        parts = [json.loads(p) for t, p in found if t != GATEWAY_CONFIG]
        self.assertGreater(len(parts), 2)
        self.assertEqual({tuple(part["dev"]["ids"]) for part in parts}, {("demo_gw1_can0_BMS",)})
        self.assertEqual(sum(len(part["cmps"]) for part in parts), 512)
        self.assertLessEqual(max(len(p.encode()) for _, p in found), 32 * 1024)
        names = [c["name"] for part in parts for c in part["cmps"].values()]
        self.assertEqual(len(set(names)), 512)

    def test_usage(self):
        for arguments in (["--print"], ["-c", "x"], ["--nonsense"]):
            for program in (PROGRAM, NODE_PROGRAM):
                result = subprocess.run(
                    [program, "discover", *arguments], check=False, capture_output=True, text=True
                )
                self.assertEqual(result.returncode, 2, result.stderr)

    # --- DBC files of others

    def dbc_files(self):
        found = sorted(p for p in VECTORS.glob("*.dbc") if p.with_suffix(".log.gz").exists())
        if not found:
            dbc = self.directory / "odd.dbc"
            dbc.write_text(ODD_DBC, encoding="latin-1")
            (self.directory / "odd.log").write_text(ODD_LOG)
            return [(dbc, self.directory / "odd.log")]
        chosen = []
        for dbc in found[:: max(1, len(found) // DBC_FILES)][:DBC_FILES]:
            log = self.directory / f"{dbc.stem}.log"
            with gzip.open(dbc.with_suffix(".log.gz"), "rt", encoding="utf-8") as lines:
                log.write_text("".join(line for _, line in zip(range(LOG_LINES), lines)))
            chosen.append((dbc, log))
        return chosen

    def replay(self, broker, index, dbc, log):
        """Everything that a gateway says while it plays that log."""
        settings = gateway_support.configuration(
            broker.port, gateway_support.replayed_bus(log, dbc)
        )
        settings["site"] = f"site{index}"
        settings["store"] = {"enabled": False}
        settings["home_assistant"] = {"enabled": True}
        path = self.write_configuration(settings, f"gateway{index}.yaml")
        self.assert_valid(payloads(PROGRAM, path))
        client = self.start_client(broker)
        client.subscribe(f"edge/site{index}/#").subscribe("homeassistant/#")
        gateway = self.start_process([PROGRAM, "run", "-c", path], name=f"gateway{index}")
        bus = f"edge/site{index}/gw1/can/can0"
        client.wait_for(
            lambda m: m.topic == f"{bus}/state" and m.json["state"] == "down", timeout=60
        )
        gateway.stop()
        client.wait_topic(f"edge/site{index}/gw1/status", "offline")
        client.stop()
        return client.messages

    def test_dbc_files_of_others(self):
        broker = self.start_broker()
        for index, (dbc, log) in enumerate(self.dbc_files()):
            with self.subTest(dbc.name):
                self.assert_renders(self.replay(broker, index, dbc, log))

    def test_a_dbc_file_with_everything(self):
        dbc, log = self.directory / "odd.dbc", self.directory / "odd.log"
        dbc.write_text(ODD_DBC, encoding="latin-1")
        log.write_text(ODD_LOG)
        messages = self.replay(self.start_broker(), 0, dbc, log)
        states = self.assert_renders(messages)
        found = entities([(m.topic, m.text) for m in messages if is_config(m)])
        prefix = "site0_gw1_can0_Mixed"
        self.assertEqual(found[f"{prefix}_State"]["ops"], ["Off", "Standby", "On"])
        self.assertEqual(found[f"{prefix}_Torque"]["name"], "Shaft torque")
        self.assertEqual(found[f"{prefix}_Torque"]["unit_of_meas"], "Nm")
        self.assertEqual(found[f"{prefix}_Switch"]["p"], "binary_sensor")
        self.assertEqual(found[f"{prefix}2_Energy"]["stat_cla"], "total")
        self.assertEqual(found[f"{prefix}2_Current"]["unit_of_meas"], "μA")
        self.assertEqual(found[f"{prefix}2_Speed"]["sug_dsp_prc"], 3)
        for name in ("_items", "_State", "_Torque", "_Flag", "2_Energy", "2_Current"):
            self.assertIn(f"{prefix}{name}", states)

    # --- a running plant

    def start_gateway_for_home(self, client, **home):
        settings = gateway_support.configuration(self.broker.port)
        settings["home_assistant"] = {"enabled": True, "resend_within": "100ms", **home}
        settings["buses"]["can0"]["messages"] = {"Actuators": {"layout": "signal"}}
        settings["alarms"] = {"warm": {"signal": "can0/Climate/Temperature", "high": "-30 °C"}}
        gateway = self.start_gateway(settings)
        client.wait_topic(GATEWAY_CONFIG)
        return gateway

    def start_node_for_home(self):
        settings = {
            "site": "demo",
            "node": "auto1",
            "broker": gateway_support.configuration(self.broker.port)["broker"],
            "home_assistant": {"enabled": True, "resend_within": "100ms"},
            "inputs": {
                "warmth": {"topic": "t", "unit": "°C", "stale_after": "0s"},
                "damp": {"topic": "d", "unit": "%", "stale_after": "0s"},
            },
            "devices": SHAPES,
            "thermostats": {
                "room": {"input": "warmth", "device": "relay", "mode": "heat", "setpoint": "21 °C",
                         "presets": {"day": "21 °C", "night": "17 °C"}},
            },
            "controllers": {
                "air": {"input": "damp", "device": "mixer", "setpoint": "50 %", "kp": 1},
            },
            "rules": {
                "dry": {"while": "damp > 60 %", "device": "extractor", "value": "ON"},
                "ring": {"at": "12:00", "do": [{"set": "bell", "value": "ON", "for": "1s"}]},
            },
        }  # fmt: skip
        path = self.write_configuration(settings, "automation.yaml")
        self.assert_valid(payloads(NODE_PROGRAM, path))
        return self.start_process([NODE_PROGRAM, "run", "-c", path])

    def listen(self):
        self.broker = self.start_broker()
        return self.start_client(self.broker).subscribe("edge/#").subscribe("homeassistant/#")

    def test_what_a_gateway_publishes(self):
        client = self.listen()
        gateway = self.start_gateway_for_home(client)
        for message in ("Climate", "Weather", "Tank", "EnergyMeter", "PlantDiagnostics"):
            client.wait_topic(f"{BUS}/{message}")
        client.wait_topic(f"{BUS}/Actuators/AliveCounter")
        for bed in ("TomatoMoisture", "HerbMoisture", "SeedlingMoisture"):
            client.wait_for(
                lambda m, b=bed: m.topic == f"{BUS}/Soil" and b in m.json["signals"]
            )
        client.wait_for(lambda m: m.topic == f"{ROOT}/metrics" and "hours_left" in m.json["store"])
        client.wait_topic(f"{ROOT}/alarms/event")
        gateway.stop()
        configs = [(m.topic, m.text) for m in client.messages if is_config(m)]
        self.assert_valid(configs)
        states = self.assert_renders(client.messages)
        # Nobody sends the command, and what is measured on a bus is not there on one that is imagined.
        measured = {f"demo_gw1_can0_{name}" for name in ("load", "rate", "silent", "unknown_ids")}
        without = measured | {"demo_gw1_can0_PumpCommand_Pump"}
        found = entities(configs)
        events = {unique_id for unique_id, c in found.items() if c["p"] == "event"}
        self.assertEqual(set(found) - set(states) - without - events, set())
        self.assertEqual(states["demo_gw1_alarm_warm"], "ON")
        self.assertEqual(json.loads(states["demo_gw1_alarm_event_warm"])["event_type"], "raise")

    def test_what_a_node_publishes(self):
        client = self.listen()
        node = self.start_node_for_home()
        devices = [name for name in SHAPES if name != "secret"]
        for name in devices:
            client.wait_topic(f"edge/demo/devices/{name}/state")
        client.publish("t", "20.5")
        client.publish("d", "55")
        wishes = {"lamp": "ON", "dimmer": "120", "blower": "50", "blind": "30", "gate": "OPEN"}
        for name, value in wishes.items():
            client.publish(f"edge/demo/devices/{name}/set", value)
        for name, value in wishes.items():
            shown = value if value in ("ON", "OPEN") else int(value)
            client.wait_for(
                lambda m, n=name, v=shown: m.topic == f"edge/demo/devices/{n}/state"
                and m.json["value"] == v
            )
        client.wait_for(
            lambda m: m.topic == "edge/demo/auto1/controllers/room/state" and m.json["value"] == 20.5
        )
        node.stop()
        configs = [(m.topic, m.text) for m in client.messages if is_config(m)]
        self.assert_valid(configs)
        found = entities(configs)
        platforms = {name: found[f"demo_auto1_device_{name}_main"]["p"] for name in devices}
        self.assertEqual(
            platforms,
            {
                "word_switch": "switch", "three": "select", "level": "number", "lamp": "light",
                "dimmer": "light", "blower": "fan", "extractor": "fan", "blind": "cover",
                "gate": "cover", "mixer": "valve", "water": "valve", "bell": "button",
                "relay": "binary_sensor",
            },
        )  # fmt: skip
        self.assertFalse(any("secret" in unique_id for unique_id in found))
        states = self.assert_renders(client.messages)
        gate = [m.text for m in client.messages if m.topic == "edge/demo/devices/gate/state"]
        self.assertEqual(states["demo_auto1_device_gate_main"], "open", "\n".join(gate))
        self.assertEqual(states["demo_auto1_device_dimmer_source"], "manual")

    def test_an_override_and_what_home_assistant_sends(self):
        client = self.listen()
        self.start_node_for_home()
        client.wait_topic("edge/demo/devices/lamp/state")
        config = client.wait_topic("homeassistant/device/auto1/demo_auto1_device_lamp/config").json
        lamp = config["cmps"]["main"]
        client.publish(lamp["cmd_t"], lamp["pl_on"])
        client.wait_for(
            lambda m: m.topic == lamp["stat_t"] and m.json.get("source") == "manual"
        )
        client.publish(config["cmps"]["release"]["cmd_t"], config["cmps"]["release"]["pl_prs"])
        client.wait_newest(lamp["stat_t"], lambda m: m.json.get("source") != "manual")
        room = client.wait_topic("homeassistant/device/auto1/demo_auto1_controller_room/config").json
        climate = room["cmps"]["main"]
        renderer = discovery.Renderer()
        client.publish("t", "20.5")
        for key, value in (("mode_cmd_tpl", "off"), ("mode_cmd_tpl", "heat")):
            client.publish(climate["mode_cmd_t"], renderer.render(climate[key], value))
            wanted = "off" if value == "off" else "auto"
            client.wait_newest(climate["mode_stat_t"], lambda m, w=wanted: m.json["mode"] == w)
        client.publish(
            climate["pr_mode_cmd_t"], renderer.render(climate["pr_mode_cmd_tpl"], "night")
        )
        state = client.wait_newest(climate["temp_stat_t"], lambda m: m.json["setpoint"] == 17)
        self.assertEqual(renderer.render(climate["pr_mode_val_tpl"], state.text), "night")
        client.publish(climate["temp_cmd_t"], "19.5")
        state = client.wait_newest(climate["temp_stat_t"], lambda m: m.json["setpoint"] == 19.5)
        self.assertEqual(renderer.render(climate["pr_mode_val_tpl"], state.text), "none")

    # --- Home Assistant starts

    def test_all_is_sent_again_when_home_assistant_starts(self):
        client = self.listen()
        self.start_gateway_for_home(client)
        self.start_node_for_home()
        node_config = "homeassistant/device/auto1/demo_auto1/config"
        repeated = (GATEWAY_CONFIG, node_config, f"{BUS}/state", "edge/demo/devices/lamp/state")
        for topic in (*repeated, f"{ROOT}/status"):
            client.wait_topic(topic)
        for _ in range(2):
            before = {topic: self.count(client, topic) for topic in repeated}
            client.publish("homeassistant/status", "online")
            for topic in repeated:
                client.wait_for(lambda _, t=topic: self.count(client, t) > before[t])

    @staticmethod
    def count(client, topic):
        return sum(m.topic == topic for m in client.messages)

    def test_a_retained_start_from_before_and_the_end_are_no_start(self):
        broker = self.broker = self.start_broker()
        publisher = self.start_client(broker)
        publisher.publish("homeassistant/status", "online", retain=True)
        client = self.start_client(broker).subscribe("edge/#").subscribe("homeassistant/#")
        gateway = self.start_gateway_for_home(client)
        publisher.publish("homeassistant/status", "offline")
        client.wait_topic(f"{BUS}/Climate")
        gateway.stop()
        self.assertEqual(self.count(client, GATEWAY_CONFIG), 1)
        self.assertNotIn("has started", gateway.log)

    # --- ghosts

    def retained_configs(self, wanted):
        command = ["mosquitto_sub", "-h", support.HOST, "-p", str(self.broker.port)]
        command += ["-t", "homeassistant/#", "--retained-only", "-F", "%t", "-W", "2"]
        for _ in range(int(support.TIMEOUT_S)):
            shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
            if set(shown.split()) == wanted:
                return
        self.fail(f"retained: {sorted(shown.split())}, wanted: {sorted(wanted)}")

    def test_renaming_and_switching_off_leaves_nothing_behind(self):
        client = self.listen()
        for messages in (
            {},
            {"Tank": {"home_assistant": {"device": "Cistern"}}},
            {"Tank": {"home_assistant": {"show": False}}, "Soil": {"publish": "never"}},
        ):
            settings = gateway_support.configuration(self.broker.port)
            settings["home_assistant"] = {"enabled": True}
            settings["buses"]["can0"]["messages"] = messages
            gateway = self.start_gateway(settings)
            wanted = {t for t, _ in payloads(PROGRAM, self.directory / "edge-gateway.yaml")}
            self.retained_configs(wanted)
            gateway.stop()
        del settings["home_assistant"]
        self.start_gateway(settings)
        self.retained_configs(set())


if __name__ == "__main__":
    support.main()
