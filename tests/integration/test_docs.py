"""What the documents say is so: every key with its default, every command that they show."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import gateway_support
import support
import yaml
from gateway_support import BUS, PROGRAM, ROOT

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from contract import Contract  # noqa: E402

CONTRACT = Contract(support.SOURCE_DIR)
DOCS = support.SOURCE_DIR / "docs"


def section(document, heading):
    """The text below a heading, down to the next one of the same depth."""
    depth = heading.split(" ", 1)[0]
    text = (DOCS / document).read_text(encoding="utf-8")
    return re.split(rf"(?m)^{depth} ", text.split(f"\n{heading}\n", 1)[1])[0]


def blocks(text, language):
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", text)


def table(text):
    """The first two columns of its rows: names in backquotes to what is said of them."""
    rows = re.findall(r"(?m)^\| (`[^|]*) \| ([^|]*) \|", text)
    return {
        name: value.strip().strip("`")
        for names, value in rows
        for name in re.findall(r"`([^`]+)`", names)
    }


def as_documented(value):
    match value:
        case bool():
            return "yes" if value else "no"
        case []:
            return "none"
        case _:
            return str(value)


def flatten(options, prefix=""):
    """The keys of nested dictionaries, with dots."""
    for key, value in options.items():
        if isinstance(value, dict) and value:
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key


class Configuration(gateway_support.TestCase):
    def effective(self):
        """With no key that need not be there."""
        path = self.write_configuration(
            {
                "site": "demo",
                "node": "gw1",
                "broker": {"address": "127.0.0.1"},
                "buses": {"can0": {"dbc": str(gateway_support.GREENHOUSE_DBC)}},
            }
        )
        printed = subprocess.run(
            [PROGRAM, "check", "-c", path, "--print"], check=True, capture_output=True, text=True
        ).stdout
        return yaml.safe_load(printed)

    def assert_documented(self, name, values):
        documented = table(section("configuration.md", f"## edge-gateway: `{name}`"))
        self.assertEqual({key: as_documented(value) for key, value in values.items()}, documented)

    def test_every_key_of_store_with_its_default(self):
        values = self.effective()["store"]
        values["file"] = pathlib.Path(values["file"]).name
        self.assert_documented("store", values)

    def test_every_key_of_backfill_with_its_default(self):
        self.assert_documented("backfill", self.effective()["backfill"])

    def test_every_key_of_the_dash_cam_with_its_default(self):
        values = self.effective()["dash_cam"]
        values["directory"] = pathlib.Path(values["directory"]).name
        self.assert_documented("dash_cam", values)

    def test_every_key_of_a_bus(self):
        documented = table(section("configuration.md", "## edge-gateway: `buses.<name>`"))
        printed = self.effective()["buses"]["can0"]
        sections = ("defaults", "messages", "commands")  # in tables of their own, by their keys
        keys = set(flatten({key: value for key, value in printed.items() if key not in sections}))
        self.assertEqual(keys - set(documented), set())


class Plant(gateway_support.TestCase):
    """The demo: its gateway, which has logged something, and waits for a sink."""

    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe(f"{ROOT}/#")
        settings = gateway_support.configuration(self.broker.port)
        settings["store"] = {"file": "edge.db"}
        settings["backfill"] = {"ack": "sink", "sinks": ["store"]}
        self.gateway = self.start_gateway(settings, name="gateway")
        self.client.wait_topic(f"{BUS}/Climate")
        self.wait_metrics(lambda m: m["store"]["committed_seq"] > 20)

    def shell(self, script):
        """Runs it in the test's directory, with the programs of the build; what it printed."""
        result = subprocess.run(
            ["bash", "-euc", script], cwd=self.directory, check=False, capture_output=True, text=True,
            timeout=support.TIMEOUT_S,
            env={**os.environ, "PATH": f"{support.BIN_DIR}:{os.environ['PATH']}"},
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, f"{script}\n{result.stderr}")
        return result.stdout


class Requests(Plant):
    # The shell's own commands of these names: to this test's broker, and each to its end.
    PRELUDE = """
        at="-h {host} -p {port}"
        mosquitto_rr() {{ command mosquitto_rr $at "$@"; }}
        mosquitto_sub() {{ stdbuf -oL mosquitto_sub $at -d -C 1 -W 15 "$@" | tee subscriber; }}
        mosquitto_pub() {{
            [ ! -v subscribes ] || until grep -q Subscribed subscriber; do sleep 0.01; done
            command mosquitto_pub $at "$@"
        }}
    """

    def run_example(self, script):
        prelude = self.PRELUDE.format(host=support.HOST, port=self.broker.port)
        if "mosquitto_sub" in script:
            prelude += "\nsubscribes=yes; : >subscriber\n"
        return self.shell(f"{prelude}\n{script}\nwait")

    def assert_answered(self, verb, printed):
        (answer,) = [line for line in printed.splitlines() if line.startswith("{")]
        self.assertEqual(CONTRACT.violations(f"response_{verb}", answer), [])
        self.assertEqual(json.loads(answer)["status"], "ok")

    def test_the_examples_of_requests(self):
        examples = blocks(section("requests.md", "## Requests"), "sh")
        verbs = [re.search(r"/request/(\w+)", example)[1] for example in examples]
        self.assertEqual(verbs, ["statistics", "history"])
        for verb, example in zip(verbs, examples):
            with self.subTest(verb):
                self.assert_answered(verb, self.run_example(example))

    def test_the_answers_that_are_shown(self):
        (text,) = blocks(section("requests.md", "### What the answer says"), "json")
        decoder, answers = json.JSONDecoder(), []
        while text.strip():
            answer, end = decoder.raw_decode(text := text.lstrip())
            answers.append(answer)
            text = text[end:]
        self.assertEqual([answer["status"] for answer in answers], ["ok", "error"])
        for answer in answers:
            self.assertEqual(CONTRACT.violations("response_history", json.dumps(answer)), [])

    def test_a_request_without_response_topic_and_transaction(self):
        self.client.publish(f"{ROOT}/request/statistics", {"signal": "can0/Climate/Temperature"})
        answer = self.client.wait_topic(f"{ROOT}/response/statistics")
        self.assertEqual(CONTRACT.violations("response_statistics", answer.text), [])
        self.assertNotIn("transaction", answer.json)

    def test_buckets_begin_at_the_minute(self):
        now = self.client.wait_topic(f"{BUS}/Climate").json["ts"]
        start = int(now) - int(now) % 60 - 600
        for bucket_s, first in ((60, start), (90, start), (3600, start + 7.5)):
            question = {"from": start + 7.5, "to": start + 1207.5, "bucket_s": bucket_s}
            topic = f"{ROOT}/response/statistics"
            question.update(signal="can0/Climate/Temperature", transaction=str(bucket_s))
            self.client.publish(f"{ROOT}/request/statistics", question)
            answer = self.client.wait_for(
                lambda m, q=question: m.topic == topic and m.json["transaction"] == q["transaction"]
            ).json
            stamps = [bucket["ts"] for bucket in answer["data"]["buckets"]]
            self.assertEqual(stamps[0], first)
            self.assertEqual(stamps, [first + i * bucket_s for i in range(len(stamps))])

    def test_the_acknowledgement_of_a_sink(self):
        (example,) = blocks(section("requests.md", "### Acknowledging as a sink"), "sh")
        self.run_example(example)
        self.wait_metrics(lambda m: m["acks"]["received"] == 1)


class FrameLog(Plant):
    def test_the_ways_to_read_it(self):
        (block,) = blocks(section("frame-log.md", "## Reading it"), "sh")
        commands = block.splitlines()
        self.assertEqual(len(commands), 5)
        for command in commands:
            if command.startswith("sqlite3") and shutil.which("sqlite3") is None:
                continue
            with self.subTest(command):
                printed = self.shell(command)
                if "> day.log" in command:
                    printed = (self.directory / "day.log").read_text()
                self.assertNotEqual(printed, "")


if __name__ == "__main__":
    support.main()
