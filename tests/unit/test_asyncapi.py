#!/usr/bin/python3
"""The documents of the contract against its C code.

usage: test_asyncapi.py SOURCE_DIR TOPIC_TABLE_DUMP PAYLOAD_EXAMPLES
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import jsonschema

SOURCE_DIR = pathlib.Path(sys.argv[1])
TABLE_PROGRAM, EXAMPLES_PROGRAM = sys.argv[2:4]
VALIDATE_CAPTURE = SOURCE_DIR / "tests/integration/validate_capture.py"
sys.path.insert(0, str(SOURCE_DIR / "tests"))

from contract import Contract  # noqa: E402

CONTRACT = Contract(SOURCE_DIR)
CONTENT_TYPES = {"text": "text/plain", "json": "application/json", "either": None}


def output_of(program):
    return subprocess.run([program], capture_output=True, check=True).stdout.decode()


def table_rows(sort):
    rows = [line.split("\t") for line in output_of(TABLE_PROGRAM).splitlines()]
    return [row[1:] for row in rows if row[0] == sort]


def resolve(reference):
    node = CONTRACT.document
    for name in reference["$ref"].removeprefix("#/").split("/"):
        node = node[name]
    return node


def operation_of(kind):
    found = [
        operation
        for operation in CONTRACT.document["operations"].values()
        if operation["channel"]["$ref"] == f"#/channels/{kind}"
    ]
    assert len(found) == 1, kind
    return found[0]


class Documents(unittest.TestCase):
    def test_channels_are_the_table(self):
        channels = []
        for name, channel in CONTRACT.channels.items():
            bindings = operation_of(name)["bindings"]["mqtt"]
            channels.append(
                [
                    name,
                    channel["address"],
                    channel["x-content"],
                    channel["x-retain"],
                    str(bindings["qos"]),
                    channel["x-expiry"],
                    CONTRACT.schema_file(name).removesuffix(".schema.json"),
                ]
            )
        self.assertEqual(channels, table_rows("kind"))

    def test_parameters_are_the_parts(self):
        parameters = CONTRACT.document["components"]["parameters"]
        given = {name: value.get("x-reserved", "") for name, value in parameters.items()}
        del given["prefix"]
        self.assertEqual(given, dict(table_rows("part")))

    def test_each_channel_declares_the_parameters_of_its_address(self):
        for name, channel in CONTRACT.channels.items():
            levels = channel["address"].split("/")
            wanted = [level[1:-1] for level in levels if level.startswith("{")]
            self.assertEqual(list(channel["parameters"]), wanted, name)
            for parameter in channel["parameters"].values():
                self.assertIn("description", resolve(parameter))

    def test_each_channel_has_its_message_and_content_type(self):
        for name, channel in CONTRACT.channels.items():
            self.assertEqual(list(channel["messages"]), [name])
            message = resolve(channel["messages"][name])
            self.assertEqual(message.get("contentType"), CONTENT_TYPES[channel["x-content"]], name)

    def test_bindings_say_what_the_table_says(self):
        for name, channel in CONTRACT.channels.items():
            operation = operation_of(name)
            bindings = operation["bindings"]["mqtt"]
            self.assertEqual(bindings["retain"], channel["x-retain"] == "yes", name)
            self.assertEqual("messageExpiryInterval" in bindings, channel["x-expiry"] != "none")
            if channel["x-retain"] == "never":
                self.assertEqual(operation["action"], "receive", name)

    def test_every_reference_leads_somewhere(self):
        def walk(node):
            if isinstance(node, dict):
                if node.get("$ref", "").startswith("#/"):
                    resolve(node)
                for child in node.values():
                    walk(child)
            elif isinstance(node, list):
                for child in node:
                    walk(child)

        self.assertTrue(CONTRACT.document["asyncapi"].startswith("3.0."))
        walk(CONTRACT.document)


class Schemas(unittest.TestCase):
    def test_schemas_are_valid_and_named_as_their_files(self):
        for file, schema in CONTRACT.schemas.items():
            jsonschema.Draft202012Validator.check_schema(schema)
            self.assertTrue(schema["$id"].endswith("/" + file), file)

    def test_every_schema_is_used(self):
        used = {CONTRACT.schema_file(kind) for kind in CONTRACT.channels}
        self.assertEqual(used | {"common.schema.json"}, set(CONTRACT.schemas))

    def test_bounds_are_the_limits(self):
        common = CONTRACT.schemas["common.schema.json"]["$defs"]
        reading = CONTRACT.schemas["reading.schema.json"]["properties"]
        message_set = CONTRACT.schemas["message_set.schema.json"]["properties"]
        wish = CONTRACT.schemas["device_set.schema.json"]["anyOf"]
        bounds = {
            "time_s": common["time"]["maximum"],
            "integer": reading["seq"]["maximum"],
            "signals": reading["signals"]["maxProperties"],
            "text": common["text"]["maxLength"],
            "transaction": common["transaction"]["maxLength"],
            "ttl_ms": message_set["ttl_ms"]["maximum"],
            "for_s": wish[1]["properties"]["for_s"]["maximum"],
            "id": int(common["id"]["pattern"].split(",")[1].rstrip("}$")),
        }
        limits = {name: int(value) for name, value in table_rows("limit")}
        self.assertEqual(bounds, limits)
        self.assertEqual(message_set["signals"]["maxProperties"], bounds["signals"])
        self.assertEqual(wish[0]["maxLength"], bounds["text"])

    def test_examples_in_schemas_are_valid(self):
        for file, schema in CONTRACT.schemas.items():
            if file == "common.schema.json":
                continue
            self.assertTrue(schema.get("examples"), file)
            for example in schema["examples"]:
                CONTRACT.validator(file).validate(example)


class Payloads(unittest.TestCase):
    def test_what_the_encoders_write_is_valid(self):
        kinds = set()
        for line in output_of(EXAMPLES_PROGRAM).splitlines():
            topic, payload = line.split("\t")
            kind = CONTRACT.kind_of("edge", topic)
            self.assertIsNotNone(kind, topic)
            self.assertEqual(CONTRACT.violations(kind, payload), [], line)
            kinds.add(kind)
        self.assertEqual(len(kinds), 11, kinds)

    def test_what_is_wrong_is_seen(self):
        wrong = [
            ("status", "Online"),
            ("status", '"online"'),
            ("reading", '{"signals":{}}'),
            ("reading", '{"ts":"1","signals":{}}'),
            ("reading", '{"ts":1,"signals":{"A":true}}'),
            ("reading", '{"ts":1,"signals":{"A":{}}}'),
            ("reading", '{"ts":1,"signals":{"A":NaN}}'),
            ("reading", '{"ts":1,"signals":{"A":1,"A":2}}'),
            ("reading", '{"ts":1,"signals":{"A":1},"q":{"A":"good"}}'),
            ("reading", '{"ts":1,"seq":0,"signals":{}}'),
            ("reading", '{"ts":1,"signals":{},"extra":1}'),
            ("reading", '{"ts":1,"signals":{}'),
            ("signal", ""),
            ("message_set", '{"signals":{}}'),
            ("message_set", '{"signals":{"A":null}}'),
            ("message_set", '{"signals":{"A":1},"ttl":5}'),
            ("message_set", '{"signals":{"A":1},"ttl_ms":0}'),
            ("device_set", '{"for_s":600}'),
            ("device_set", " "),
            ("device_state", '{"value":1,"target":1,"quality":"fine"}'),
            ("alarm_set", "acknowledge"),
            ("controller_set", "{}"),
            ("controller_set", "warm"),
            ("bus_state", '{"state":"UP"}'),
            ("metrics", '{"ts":1,"uptime_s":1,"frames":{"received":"3"}}'),
            ("metrics", '{"ts":1,"uptime_s":1,"frames":3}'),
            ("response", '{"status":"error"}'),
            ("response", '{"status":"ok","error":"x"}'),
            ("ack", "-1"),
            ("ack", "01"),
        ]
        for kind, payload in wrong:
            self.assertNotEqual(CONTRACT.violations(kind, payload), [], f"{kind} {payload}")

    def test_topics_find_the_kind_that_c_finds(self):
        cases = {
            "edge/s/n/can/b/m/set": "message_set",
            "edge/s/n/can/b/state": "bus_state",
            "edge/s/n/can/b/set": "reading",
            "edge/s/n/alarms/event": "alarm_event",
            "edge/s/n/alarms/events": "alarm",
            "edge/s/devices/alarms/set": "device_set",
            "edge/s/devices/status": None,
            "edge/s/n/can/b/m.x": None,
            "edge/s/n": None,
        }
        for topic, kind in cases.items():
            self.assertEqual(CONTRACT.kind_of("edge", topic), kind, topic)


class Captures(unittest.TestCase):
    def validate(self, text, *options):
        with tempfile.NamedTemporaryFile(suffix=".txt") as capture:
            capture.write(text.encode("utf-8", errors="surrogateescape"))
            capture.flush()
            command = [sys.executable, "-B", str(VALIDATE_CAPTURE), *options, capture.name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            return done.returncode, done.stdout

    def test_a_good_capture_passes(self):
        status, output = self.validate(output_of(EXAMPLES_PROGRAM), "--require", "reading,status")
        self.assertEqual(status, 0, output)

    def test_a_missing_kind_fails(self):
        status, output = self.validate(output_of(EXAMPLES_PROGRAM), "--require", "reading,alarm")
        self.assertEqual(status, 1)
        self.assertEqual(output, "no valid line of kind alarm\n")

    def test_an_empty_capture_fails_what_is_required(self):
        self.assertEqual(self.validate("", "--require", "status")[0], 1)

    def test_a_deletion_is_no_violation_and_does_not_count(self):
        self.assertEqual(self.validate("edge/s/n/info\t\n")[0], 0)
        self.assertEqual(self.validate("edge/s/n/info\t\n", "--require", "info")[0], 1)
        self.assertEqual(self.validate("edge/s/n/metrics\t\n")[0], 1)

    def test_violations_name_line_topic_and_reason(self):
        text = "edge/s/n/status\tonline\nedge/s/n/status\tup\nedge/s/n/statux\tx\nhome/x\ty\nbroken\n"
        status, output = self.validate(text)
        self.assertEqual(status, 1)
        lines = output.splitlines()
        self.assertEqual(len(lines), 3, output)
        self.assertTrue(lines[0].startswith("line 2: edge/s/n/status: status: "), output)
        self.assertEqual(lines[1], "line 3: edge/s/n/statux: not a topic of the tree")
        self.assertEqual(lines[2], "line 5: not a line of topic, tab and payload")

    def test_another_prefix(self):
        text = "acme/edge/s/n/status\tonline\n"
        self.assertEqual(self.validate(text, "--prefix", "acme/edge", "--require", "status")[0], 0)

    def test_an_unknown_required_kind_is_a_usage_error(self):
        self.assertEqual(self.validate("", "--require", "readings")[0], 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
