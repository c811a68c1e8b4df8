"""What Home Assistant is told of controllers: one that heats and cools and PID controllers, of the example
and of other units; its templates on what they publish, and what it sends on what they take."""

import discovery_support
import gateway_support
import support
import yaml
from discovery_support import NODE_PROGRAM, discovery, entities, is_config, payloads

NODE = "edge/demo/climate1"
OFFICE = "demo_climate1_controller_office"
FLOOR = "demo_climate1_controller_bath_floor"
AIR = "demo_auto1_controller_air"
COOLER = "demo_auto1_controller_cooler"


def example():
    return yaml.safe_load((gateway_support.EXAMPLES / "climate.yaml").read_text())


def other_units():
    off = {"driver": "simulated", "fail_safe": "OFF"}
    return {
        "site": "demo",
        "node": "auto1",
        "inputs": {
            "damp": {"topic": "damp", "unit": "%", "stale_after": "0s"},
            "warmth": {"topic": "warmth", "unit": "°F", "stale_after": "0s"},
        },
        "devices": {
            "humidifier": dict(off),
            "dryer": dict(off),
            "fan": {"driver": "simulated", "range": {"min": 0, "max": 100}, "fail_safe": 0},
        },
        "climates": {
            "air": {
                "input": "damp", "heat": {"device": "humidifier"}, "cool": {"device": "dryer"},
                "setpoint_low": "40 %", "setpoint_high": "60 %", "hysteresis": 2,
                "home_assistant": {"name": "Cellar", "min": 20, "max": 80, "step": 1},
            },
        },
        "controllers": {
            "cooler": {"input": "warmth", "device": "fan", "setpoint": "75 °F", "kp": 5, "cools": True,
                       "presets": {"day": "75 °F", "night": "80.5 °F"}},
        },
    }  # fmt: skip


class Controllers(discovery_support.TestCase):
    def write_node(self, settings, port=1883):
        broker = gateway_support.configuration(port)["broker"]
        home = {"enabled": True, "resend_within": "100ms"}
        settings = {**settings, "broker": broker, "home_assistant": home}
        return self.write_configuration(settings, "automation.yaml")

    def start_node(self, settings):
        broker = self.start_broker()
        self.client = self.start_client(broker).subscribe("edge/#").subscribe("homeassistant/#")
        path = self.write_node(settings, broker.port)
        self.found = entities(payloads(NODE_PROGRAM, path))
        self.node = self.start_process([NODE_PROGRAM, "run", "-c", path])
        self.client.wait_topic(f"edge/demo/{settings['node']}/status", "online")

    def send(self, entity, topic, template, value):
        """As Home Assistant sends it."""
        component = self.found[entity]
        text = discovery.Renderer().render(component.get(template, "{{ value }}"), value)
        self.client.publish(component[topic], text)

    def wait_shown(self, entity, **expected):
        """Until what Home Assistant shows is this: by template."""
        component, renderer = self.found[entity], discovery.Renderer()
        topics = {key: (topic, text) for key, topic, text in discovery.templates(component)}
        for key, value in expected.items():
            topic, template = topics[key]
            self.client.wait_newest(
                topic, lambda m, t=template, v=value: renderer.render(t, m.text) == v
            )

    def assert_published_renders(self):
        """Everything that was published in the meantime; gives the last state of each entity."""
        self.node.stop()
        configs = [(m.topic, m.text) for m in self.client.messages if is_config(m)]
        self.assert_valid(configs)
        self.assertEqual(entities(configs), self.found)
        states = self.assert_renders(self.client.messages)
        silent = {name for name in self.found if "_controller_" in name} - set(states)
        self.assertEqual(silent, set())
        return states

    # --- what is printed

    def test_the_example(self):
        found = payloads(NODE_PROGRAM, self.write_node(example()))
        self.assert_valid(found)
        office = entities(found)[OFFICE + "_main"]
        self.assertEqual(office["p"], "climate")
        self.assertEqual(office["modes"], ["off", "heat", "cool", "heat_cool"])
        self.assertEqual(sorted(office["pr_modes"]), ["guests", "night"])
        limits = [office[key] for key in ("min_temp", "max_temp", "temp_step", "temp_unit")]
        self.assertEqual(limits, [5, 35, 0.5, "C"])
        for key in ("mode", "temp_lo", "temp_hi", "pr_mode"):
            self.assertEqual(office[f"{key}_cmd_t"], f"{NODE}/controllers/office/set")
            self.assertEqual(office[f"{key}_stat_t"], f"{NODE}/controllers/office/state")
        self.assertFalse(any(key.startswith(("temp_cmd", "temp_stat")) for key in office))
        floor = entities(found)[FLOOR + "_main"]
        self.assertEqual(floor["modes"], ["off", "heat"])
        self.assertNotIn("act_t", floor)

    def test_other_units_and_what_is_configured(self):
        settings = other_units()
        found = payloads(NODE_PROGRAM, self.write_node(settings))
        self.assert_valid(found)
        named = entities(found)
        self.assertNotIn(AIR + "_main", named)
        for end in ("low", "high"):
            setpoint = named[f"{AIR}_setpoint_{end}"]
            limits = [setpoint[key] for key in ("min", "max", "step", "unit_of_meas")]
            self.assertEqual(limits, [20, 80, 1, "%"])
        cooler = named[COOLER + "_main"]
        self.assertEqual(cooler["modes"], ["off", "cool"])
        self.assertEqual((cooler["temp_unit"], cooler["min_temp"]), ("F", 41))
        settings["climates"]["air"]["home_assistant"] = {"show": False}
        found = entities(payloads(NODE_PROGRAM, self.write_node(settings)))
        self.assertFalse(any(name.startswith(AIR) for name in found))

    # --- a running node

    def test_what_heats_and_cools(self):
        self.start_node(example())
        office = OFFICE + "_main"
        self.wait_shown(office, act_tpl="off", mode_stat_tpl="heat_cool", curr_temp_tpl="None")
        self.client.publish("bath/floor", "25")
        self.wait_shown(FLOOR + "_main", curr_temp_tpl="25")
        for value, action in (("18", "heating"), ("22", "idle"), ("25.5", "cooling")):
            self.client.publish("office/temperature", value)
            self.wait_shown(office, act_tpl=action, curr_temp_tpl=value)
            self.wait_shown(OFFICE + "_action", val_tpl=action)
        self.wait_shown(office, temp_lo_stat_tpl="20", temp_hi_stat_tpl="24", pr_mode_val_tpl="none")
        # Each end has its message, the lower one first: neither may stop the other.
        for low, high in (("25.5", "28"), ("15", "18"), ("30", "30")):
            self.send(office, "temp_lo_cmd_t", "temp_lo_cmd_tpl", low)
            self.send(office, "temp_hi_cmd_t", "temp_hi_cmd_tpl", high)
            self.wait_shown(office, temp_lo_stat_tpl=low, temp_hi_stat_tpl=high)
        for preset, low in (("guests", "21"), ("night", "16")):
            self.send(office, "pr_mode_cmd_t", "pr_mode_cmd_tpl", preset)
            self.wait_shown(office, pr_mode_val_tpl=preset, temp_lo_stat_tpl=low)
        for mode in self.found[office]["modes"]:
            self.send(office, "mode_cmd_t", "mode_cmd_tpl", mode)
            self.wait_shown(office, mode_stat_tpl=mode)
        self.assert_published_renders()

    def test_pid_controllers(self):
        self.start_node(example())
        floor = FLOOR + "_main"
        self.wait_shown(floor, mode_stat_tpl="heat", temp_stat_tpl="26", curr_temp_tpl="None")
        self.client.publish("bath/floor", "25.25")
        self.wait_shown(floor, curr_temp_tpl="25.25")
        self.send(floor, "temp_cmd_t", "temp_cmd_tpl", "24.5")
        self.wait_shown(floor, temp_stat_tpl="24.5")
        for mode in ("off", "heat"):
            self.send(floor, "mode_cmd_t", "mode_cmd_tpl", mode)
            self.wait_shown(floor, mode_stat_tpl=mode)
        self.client.publish(f"{NODE}/controllers/bath_floor/set", {"mode": "manual", "output": 40})
        self.wait_shown(FLOOR + "_output", val_tpl="40")
        self.wait_shown(floor, mode_stat_tpl="heat")
        self.client.publish("office/temperature", "22")
        self.wait_shown(OFFICE + "_main", curr_temp_tpl="22")
        self.assert_published_renders()

    def test_set_points_of_what_is_not_about_warmth(self):
        self.start_node(other_units())
        for value, action in (("30", "heating"), ("50", "idle"), ("70", "cooling")):
            self.client.publish("damp", value)
            self.wait_shown(AIR + "_action", val_tpl=action)
        for end, value in (("low", "65"), ("high", "75")):
            self.send(f"{AIR}_setpoint_{end}", "cmd_t", "cmd_tpl", value)
        for end, value in (("low", "65"), ("high", "75")):
            self.wait_shown(f"{AIR}_setpoint_{end}", val_tpl=value)
        for mode in self.found[AIR + "_mode"]["ops"]:
            self.send(AIR + "_mode", "cmd_t", "cmd_tpl", mode)
            self.wait_shown(AIR + "_mode", val_tpl=mode)
        cooler = COOLER + "_main"
        self.client.publish("warmth", "78.5")
        self.wait_shown(cooler, curr_temp_tpl="78.5", mode_stat_tpl="cool", pr_mode_val_tpl="day")
        self.send(cooler, "pr_mode_cmd_t", "pr_mode_cmd_tpl", "night")
        self.wait_shown(cooler, pr_mode_val_tpl="night", temp_stat_tpl="80.5")
        self.assert_published_renders()


if __name__ == "__main__":
    support.main()
