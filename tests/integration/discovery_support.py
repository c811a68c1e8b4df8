"""What the tests of discovery share: what is printed and published, and whether Home Assistant takes it."""

import json
import pathlib
import subprocess
import sys

import gateway_support
import support

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import discovery  # noqa: E402
from contract import Contract  # noqa: E402

CONTRACT = Contract(support.SOURCE_DIR)
NODE_PROGRAM = support.BIN_DIR / "automation-node"


def printed(program, path, check=True):
    command = [program, "discover", "--print", "-c", path]
    return subprocess.run(command, check=check, capture_output=True, text=True)


def payloads(program, path):
    """[(topic, payload), ...] that the command prints."""
    return [tuple(line.split(" ", 1)) for line in printed(program, path).stdout.splitlines()]


def entities(messages):
    """Unique id to component."""
    return {
        component["uniq_id"]: component
        for _, payload in messages
        for component in json.loads(payload)["cmps"].values()
    }


def is_config(message):
    return discovery.TOPIC.fullmatch(message.topic) and message.payload


class TestCase(gateway_support.TestCase):
    def assert_valid(self, messages):
        self.assertNotEqual(messages, [])
        self.assertEqual(list(discovery.faults(messages)), [])
        for _, payload in messages:
            self.assertEqual(CONTRACT.violations("discovery", payload), [])

    def assert_renders(self, messages):
        """Each template on each captured payload of its topic; gives how many states there were."""
        renderer, states = discovery.Renderer(), {}
        published = {}
        for message in messages:
            if message.payload:
                published.setdefault(message.topic, []).append(message.text)
        for config in {m.topic: m for m in messages if is_config(m)}.values():
            for item in config.json["avty"]:
                for payload in published.get(item["t"], []):
                    text = renderer.render(item.get("val_tpl", "{{ value }}"), payload)
                    self.assertIn(text, ("online", "offline"), item)
            for component in config.json["cmps"].values():
                for key, topic, template in discovery.templates(component):
                    for payload in published.get(topic, []):
                        text = renderer.render(template, payload)
                        fault = discovery.state_faults(key, component, text)
                        self.assertIsNone(fault, f"{component['uniq_id']}: {template}\n{payload}")
                        if text not in ("", "None", "unknown"):
                            states[component["uniq_id"]] = text
        return states
