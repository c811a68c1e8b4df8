#!/usr/bin/python3
"""The documents of the contract against its C code.

usage: test_asyncapi.py SOURCE_DIR TOPIC_TABLE_DUMP PAYLOAD_EXAMPLES
"""

import itertools
import json
import pathlib
import re
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
            own, *of_verbs = channel["messages"]
            self.assertEqual(own, name)
            verbs = [row[0] for row in table_rows("verb")] if "{verb}" in channel["address"] else []
            self.assertEqual(of_verbs, [f"{name}_{verb}" for verb in verbs])
            content_type = CONTENT_TYPES[channel["x-content"]]
            for message, reference in channel["messages"].items():
                self.assertEqual(resolve(reference)["name"], message)
                self.assertEqual(resolve(reference).get("contentType"), content_type, message)
            carried = [resolve(resolve(part)) for part in operation_of(name)["messages"]]
            self.assertEqual([message["name"] for message in carried], list(channel["messages"]))

    def test_no_two_channels_share_a_topic(self):
        """On some level they have different words, or a word that the other's part cannot be."""
        parameters = CONTRACT.document["components"]["parameters"]

        def differ(one, other):
            if one.startswith("{") and other.startswith("{"):
                return False
            if one.startswith("{"):
                one, other = other, one
            if other.startswith("{"):
                return one in parameters[other[1:-1]].get("x-reserved", "").split()
            return one != other

        addresses = [channel["address"].split("/") for channel in CONTRACT.channels.values()]
        for one, other in itertools.combinations(addresses, 2):
            if len(one) == len(other):
                self.assertTrue(any(map(differ, one, other)), f"{one} {other}")

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
        used = {CONTRACT.schema_file(message) for message in CONTRACT.messages}
        referred = re.findall(r'"\$ref": "([a-z_.]+json)', json.dumps(CONTRACT.schemas))
        self.assertEqual(used | set(referred), set(CONTRACT.schemas))

    def test_bounds_are_the_limits(self):
        common = CONTRACT.schemas["common.schema.json"]["$defs"]
        reading = CONTRACT.schemas["reading.schema.json"]["properties"]
        message_set = CONTRACT.schemas["message_set.schema.json"]["properties"]
        gap = CONTRACT.schemas["backfill_gap.schema.json"]["properties"]
        history = CONTRACT.schemas["request_signal_history.schema.json"]["properties"]
        statistics = CONTRACT.schemas["request_statistics.schema.json"]["properties"]
        messages = CONTRACT.schemas["request_messages.schema.json"]["properties"]
        decisions = CONTRACT.schemas["request_decisions.schema.json"]["properties"]
        wish = CONTRACT.schemas["device_set.schema.json"]["anyOf"]
        bounds = {
            "time_s": common["time"]["maximum"],
            "integer": common["seq"]["maximum"],
            "signals": reading["signals"]["maxProperties"],
            "text": common["text"]["maxLength"],
            "transaction": common["transaction"]["maxLength"],
            "ttl_ms": message_set["ttl_ms"]["maximum"],
            "for_s": wish[1]["properties"]["for_s"]["maximum"],
            "id": int(common["id"]["pattern"].split(",")[1].rstrip("}$")),
            "batch": CONTRACT.schemas["backfill_batch.schema.json"]["maxItems"],
            "gap_ranges": gap["ranges"]["maxItems"],
            "query_signals": common["paths"]["properties"]["signals"]["maxItems"],
            "span_s": common["span"]["properties"]["last_s"]["maximum"],
            "points_min": history["max_points"]["minimum"],
            "points_max": history["max_points"]["maximum"],
            "bucket_min_s": statistics["bucket_s"]["minimum"],
            "bucket_max_s": statistics["bucket_s"]["maximum"],
            "messages": messages["limit"]["maximum"],
            "decisions": decisions["limit"]["maximum"],
        }
        limits = {name: int(value) for name, value in table_rows("limit")}
        self.assertEqual(bounds, limits)
        self.assertEqual(message_set["signals"]["maxProperties"], bounds["signals"])
        self.assertEqual(wish[0]["maxLength"], bounds["text"])
        self.assertEqual(messages["after_seq"]["maximum"], bounds["integer"])
        self.assertEqual(re.findall("[0-9]{2,}", common["path"]["pattern"]), 3 * [str(bounds["id"])])

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
            message = CONTRACT.message_of(kind, topic)
            self.assertEqual(CONTRACT.violations(message, payload), [], line)
            kinds.add(message)
        self.assertEqual(len(kinds), 39, kinds)

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
            ("alarm", '{"state":"active","since":1}'),
            ("alarm_set", "acknowledge"),
            ("alarm_set", '{"action":"ack","shelve_s":1}'),
            ("alarm_event", '{"ts":1,"alarm":"a","event":"raised","state":"normal"}'),
            ("controller_set", "{}"),
            ("controller_set", "warm"),
            ("bus_state", '{"state":"UP"}'),
            ("metrics", '{"ts":1,"uptime_s":1,"frames":{"received":"3"}}'),
            ("metrics", '{"ts":1,"uptime_s":1,"frames":3}'),
            ("response", '{"status":"error"}'),
            ("response", '{"status":"ok","error":"x"}'),
            ("response", '{"status":"ok","seq":0,"data":{}}'),
            ("response", '{"status":"ok","data":{},"last":true}'),
            ("response", '{"status":"error","error":"x","seq":0,"last":true}'),
            ("ack", "-1"),
            ("ack", "01"),
            ("ack", "1 2"),
            ("backfill", "[]"),
            ("backfill_batch", "[]"),
            ("backfill_batch", '[{"ts":1,"seq":1,"signals":{}}]'),
            ("event", '{"ts":1,"event":"bus_off","text":"x"}'),
            ("event", '{"ts":1,"event":"started"}'),
            ("event", '{"ts":1,"event":"started","text":"x","more":{}}'),
            ("backfill_event", '{"ts":1,"event":"started","text":"x","seq":0}'),
            ("backfill_gap", '{"ranges":[],"reason":"restart"}'),
            ("backfill_gap", '{"ranges":[[1]],"reason":"restart"}'),
            ("backfill_gap", '{"ranges":[[0,1]],"reason":"restart"}'),
            ("backfill_gap", '{"ranges":[[1,2]],"reason":"lost"}'),
            ("backfill_summary", '{"from":1,"to":2,"first":1,"last":2,"count":1}'),
            ("request_explain", "{}"),
            ("request_history", '{"signal":"can0/Climate"}'),
            ("request_history", '{"signals":[]}'),
            ("request_history", '{"signal":"a/b/c","signals":["a/b/d"]}'),
            ("request_history", '{"signals":["a/b/c","a/b/c"]}'),
            ("request_history", '{"signal":"a/b/c","from":1,"last_s":1}'),
            ("request_history", '{"signal":"a/b/c","to":1}'),
            ("request_history", '{"signal":"a/b/c","max_points":3}'),
            ("request_history", '{"signal":"a/b/c","bucket_s":60}'),
            ("request_statistics", '{"signal":"a/b/c","bucket_s":59}'),
            ("request_statistics", '{"signal":"a/b/c","max_points":100}'),
            ("request_messages", '{"limit":0}'),
            ("request_messages", '{"signal":"a/b/c"}'),
            ("request_messages", '{"bus":"can 0"}'),
            ("request_catalog", '{"last_s":1}'),
            ("request_alarms", '{"alarm":"a"}'),
            ("request_alarm_history", '{"alarm":"a b"}'),
            ("request_record", '{"bus":"can0"}'),
            ("response_record", '{"status":"ok","seq":0,"data":{"path":"a"},"last":true}'),
            ("event", '{"ts":1,"event":"recorded","text":"t","trigger":"request","frames":1}'),
            ("request_explain", '{"device":"vent","why":true}'),
            ("request_dry_run", '{"rule":""}'),
            ("request_devices", '{"device":"vent"}'),
            ("request_reload", '{"force":true}'),
            ("response_reload", '{"status":"ok","seq":0,"data":{"kept":1},"last":true}'),
            ("request_history", '{"device":"vent","limit":0}'),
            ("response_explain", '{"status":"ok","seq":0,"data":{"device":"vent"},"last":true}'),
            ("response_history", '{"status":"ok","seq":0,"data":{"count":1},"last":true}'),
            ("response_catalog", '{"status":"ok","seq":0,"data":{},"last":true}'),
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
            "edge/s/n/event": "event",
            "edge/s/n/backfill/event": "backfill_event",
            "edge/s/n/backfill/event/m": "backfill",
            "edge/s/n/backfill/gap": "backfill_gap",
            "edge/s/n/backfill/batch": "backfill_batch",
            "edge/s/n/backfill/gap/m/summary": "backfill_summary",
            "edge/s/n/backfill/b": None,
            "edge/s/devices/alarms/set": "device_set",
            "edge/s/devices/status": None,
            "edge/s/answers/ann/page-1": "answer",
            "edge/s/answers/alarms/event": "answer",
            "edge/s/answers/status": None,
            "edge/s/n/can/b/m.x": None,
            "edge/s/n": None,
        }
        for topic, kind in cases.items():
            self.assertEqual(CONTRACT.kind_of("edge", topic), kind, topic)


    def test_a_verb_has_its_own_message(self):
        cases = {
            ("request", "edge/s/n/request/history"): "request_history",
            ("response", "edge/s/n/response/catalog"): "response_catalog",
            ("response", "edge/s/n/response/set"): "response",
            ("reading", "edge/s/n/can/b/history"): "reading",
        }
        for (kind, topic), message in cases.items():
            self.assertEqual(CONTRACT.message_of(kind, topic), message, topic)


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
        status, output = self.validate(output_of(EXAMPLES_PROGRAM), "--require", "reading,ack")
        self.assertEqual(status, 1)
        self.assertEqual(output, "no valid line of kind ack\n")

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
