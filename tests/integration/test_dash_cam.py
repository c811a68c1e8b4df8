"""The dash-cam of a running gateway: a request, its file, and the file played again."""

import pathlib
import subprocess
import sys

import gateway_support
import support
from gateway_support import BUS, ROOT

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from contract import Contract  # noqa: E402

CONTRACT = Contract(support.SOURCE_DIR)


class DashCam(gateway_support.TestCase):
    def start_recorder(self, bus=None, name="gateway", alarms=None, **dash_cam):
        settings = gateway_support.configuration(self.broker.port, bus=bus)
        settings["dash_cam"] = {"enabled": True, "directory": name, "after": "300ms", **dash_cam}
        settings["store"] = {"file": f"{name}.db"}
        settings["alarms"] = alarms or {}
        return self.start_gateway(settings, name=name)

    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe("edge/#")

    def event(self, word):
        message = self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/event" and m.json["event"] == word
        )
        self.assertEqual(CONTRACT.violations("event", message.text), [])
        return message.json

    def ask(self, transaction="1"):
        self.client.publish(f"{ROOT}/request/record", {"transaction": transaction})
        message = self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/response/record" and m.json["transaction"] == transaction
        )
        self.assertEqual(CONTRACT.violations("response_record", message.text), [])
        return message.json

    def record(self):
        """The event and the file of a recording that a request began."""
        data = self.ask()["data"]
        event = self.event("recorded")
        self.assertEqual((event["path"], event["trigger"]), (data["path"], "request"))
        return event, pathlib.Path(event["path"])

    def test_a_request_records_and_the_file_plays_again(self):
        gateway = self.start_recorder()
        self.client.wait_newest(f"{ROOT}/metrics", lambda m: m.json["frames"]["received"] > 100)
        event, path = self.record()
        text = path.read_text()
        lines = text.splitlines()
        self.assertEqual((len(lines), len(text)), (event["frames"], event["bytes"]))
        self.assertGreater(len(lines), 100)
        self.assertEqual(path.parent, self.directory / "gateway")
        self.assertTrue(all(line.split()[1] == "can0" for line in lines))
        self.assertEqual(float(lines[0].split()[0].strip("()")), event["from"])
        self.assertEqual(float(lines[-1].split()[0].strip("()")), event["to"])
        metrics = self.wait_metrics(lambda m: m["dash_cam"]["finished"] == 1)["dash_cam"]
        self.assertEqual((metrics["frames"], metrics["files"], metrics["lost"]), (len(lines), 1, 0))
        gateway.stop()
        self.assert_plays(path, text)

    def assert_plays(self, path, text):
        """What a gateway receives that replays the file, recorded again, is the same file."""
        self.client.messages.clear()
        again = self.start_recorder(
            bus=gateway_support.replayed_bus(path), name="again", before="10min"
        )
        again.wait_log("end of the log")
        _, copy = self.record()
        self.assertEqual(copy.read_text(), text)
        decoded = subprocess.run(
            [gateway_support.PROGRAM, "decode", "--dbc", gateway_support.GREENHOUSE_DBC, copy],
            capture_output=True, text=True, check=True,
        )
        self.assertEqual(len(decoded.stdout.splitlines()), len(text.splitlines()))

    def test_the_raise_of_an_alarm_records_if_it_is_to(self):
        always = {"signal": "can0/Climate/Temperature", "high": "-50 °C"}
        self.start_recorder(alarms={"warm": {**always, "record": True}, "mute": always})
        event = self.event("recorded")
        self.assertEqual(event["trigger"], "warm")
        self.assertTrue(event["path"].endswith("-all-warm.log"), event["path"])
        self.assertGreater(event["frames"], 0)
        metrics = self.wait_metrics(lambda m: m["dash_cam"]["finished"] == 1)
        self.assertEqual(metrics["dash_cam"]["triggers"], 1)

    def test_what_can_record_is_told_and_what_cannot_says_how(self):
        self.start_gateway(gateway_support.configuration(self.broker.port))
        info = self.client.wait_topic(f"{ROOT}/info").json
        self.assertNotIn("record", info["capabilities"])
        answer = self.ask()
        self.assertEqual(answer["status"], "error")
        self.assertIn("dash_cam: {enabled: yes}", answer["error"])

    def test_a_directory_that_cannot_be_written_is_told_at_once(self):
        gateway = self.start_recorder(directory="/dev/null/dashcam")
        self.assertIn("record", self.client.wait_topic(f"{ROOT}/info").json["capabilities"])
        event = self.event("recording_failed")
        self.assertIn("give dash_cam.directory another one (/dev/null/dashcam)", event["text"])
        self.client.wait_for(lambda m: m.topic.startswith(f"{BUS}/") and "signals" in m.text)
        self.ask()
        self.wait_metrics(lambda m: m["dash_cam"]["failed"] == 1)
        gateway.stop()

    def test_a_recording_outlives_kill_and_stop(self):
        gateway = self.start_recorder(after="1h", max_duration="2h")
        self.client.wait_newest(f"{ROOT}/metrics", lambda m: m.json["frames"]["received"] > 100)
        path = pathlib.Path(self.ask()["data"]["path"])
        part = path.with_name(f".{path.name}.part")
        self.client.wait_newest(
            f"{ROOT}/metrics", lambda m: part.exists() and part.stat().st_size > 5000
        )
        gateway.kill()
        self.assertFalse(path.exists())
        self.client.messages.clear()
        second = self.start_recorder(after="1h", max_duration="2h")
        self.wait_metrics(lambda m: m["dash_cam"]["recovered"] == 1 and m["frames"]["received"] > 100)
        self.assertTrue(path.exists())
        self.assertTrue(path.read_text().endswith("\n"))

        later = pathlib.Path(self.ask("2")["data"]["path"])
        second.stop()
        self.assertTrue(later.exists())

    def test_check_tells_what_cannot_be(self):
        settings = gateway_support.configuration(1)
        settings["dash_cam"] = {"after": "10min"}
        path = self.write_configuration(settings)
        result = subprocess.run(
            [gateway_support.PROGRAM, "check", "-c", path], capture_output=True, text=True
        )
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"gateway.yaml:\d+:\d+: error: 'after' is longer than")

    def test_check_warns_of_an_alarm_that_records_nothing(self):
        settings = gateway_support.configuration(1)
        alarm = {"signal": "can0/Climate/Temperature", "high": "30 °C", "record": True}
        settings["alarms"] = {"warm": alarm}
        path = self.write_configuration(settings)
        result = subprocess.run(
            [gateway_support.PROGRAM, "check", "-c", path], capture_output=True, text=True, check=True
        )
        self.assertRegex(result.stderr, r"warning: alarm 'warm' records nothing: dash_cam is not")


if __name__ == "__main__":
    support.main()
