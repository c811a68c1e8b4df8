"""A gateway that reads its configuration anew: what changed changes, and nothing else notices."""

import os
import pathlib
import signal
import socket
import sys

import gateway_support
import support
from gateway_support import BUS, GREENHOUSE_DBC, ROOT, configuration, simulated_bus

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from contract import Contract  # noqa: E402

CONTRACT = Contract(support.SOURCE_DIR)
HOME = "homeassistant"
ALARM = f"{ROOT}/alarms/warm"

WARM = {
    "signal": "can0/Climate/Temperature",
    "high": "-40 °C",
    "priority": 3,
    "text": "warmer than it ever is not",
}


class Reload(gateway_support.TestCase):
    """`self.settings` is the configuration in force; reload() changes it."""

    def start(self, **changes):
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe("edge/#").subscribe(f"{HOME}/#")
        self.settings = {
            **configuration(self.broker.port),
            "store": {"file": str(self.directory / "log.db"), "max_size": "8MiB"},
            **changes,
        }
        self.notified = []
        self.gateway = self.start_gateway(self.settings)
        self.client.wait_topic(f"{ROOT}/status", "online")
        self.client.wait_topic(f"{ROOT}/catalog")
        self.client.wait_topic(f"{BUS}/Climate")

    def ask(self, settings=None):
        """The decoded answer to `reload`, of the file as it is or with these settings."""
        if settings is not None:
            self.write_configuration(settings, "edge-gateway.yaml")
        asker = self.start_client(self.broker).subscribe("answers/reload")
        asker.publish(f"{ROOT}/request/reload", {}, ResponseTopic="answers/reload")
        asker.wait_for(lambda m: m.json["status"] == "error" or m.json["last"])
        for message in asker.messages:
            self.assertEqual(CONTRACT.violations("response_reload", message.text), [])
        return [message.json for message in asker.messages]

    def reload(self, settings):
        """Takes the settings over; {(kind, id): change}."""
        chunks = self.ask(settings)
        self.assertEqual(chunks[0]["status"], "ok", chunks[0])
        self.settings = settings
        changes = [item for chunk in chunks for item in chunk["data"]["changes"]]
        self.kept = chunks[0]["data"]["kept"]
        return {(item["kind"], item["id"]): item["change"] for item in changes}

    def refused(self, settings):
        """The reason for which they are not taken over."""
        (answer,) = self.ask(settings)
        self.assertEqual(answer["status"], "error")
        return answer["error"]

    def with_bus(self, name="can0", **changes):
        buses = {**self.settings["buses"], name: {**self.settings["buses"][name], **changes}}
        return {**self.settings, "buses": buses}

    def mark(self):
        """Messages from now on are those after this place."""
        return len(self.client.messages)

    def after(self, mark, predicate, what="message"):
        self.client._wait(lambda: any(map(predicate, self.client.messages[mark:])), what)
        return next(filter(predicate, self.client.messages[mark:]))

    def retained(self):
        """What a client that comes now is told, by topic."""
        client = self.start_client(self.broker).subscribe("edge/#").subscribe(f"{HOME}/#")
        client.subscribe("the/end")
        client.publish("the/end", "")  # comes after what is retained
        client.wait_topic("the/end")
        return {m.topic: m for m in client.messages if m.retain}

    def wait_gone(self, beginning):
        self.client._wait(
            lambda: any(m.topic.startswith(beginning) and not m.payload for m in self.client.messages),
            f"deletion of {beginning}",
        )


class Unchanged(Reload):
    def test_what_did_not_change_is_not_told_again(self):
        self.start(home_assistant={"enabled": True}, alarms={"warm": WARM})
        self.client.wait_for(lambda m: m.topic == f"{ROOT}/alarms/event" and m.json["alarm"] == "warm")
        self.client.wait_for(lambda m: m.topic.startswith(f"{HOME}/device/"))
        mark = self.mark()
        self.assertEqual(self.reload(self.settings), {})
        self.assertGreater(self.kept, 10)
        again = self.after(mark, lambda m: m.topic == f"{ROOT}/metrics").json
        quiet = [f"{ROOT}/catalog", f"{ROOT}/info", f"{ROOT}/status", ALARM, f"{ROOT}/alarms/event"]
        again_told = [m for m in self.client.messages[mark:] if m.topic in quiet or m.topic.startswith(HOME)]
        self.assertEqual(again_told, [])
        self.assertEqual(again["store"]["faults" if "faults" in again["store"] else "failed_commits"], 0)

    def test_a_signal_does_what_a_request_does(self):
        self.start()
        self.write_configuration({**self.settings, "metrics_interval": "300ms"}, "edge-gateway.yaml")
        self.gateway.send(signal.SIGHUP)
        self.gateway.wait_log("reloaded: .* 1 changed, 0 removed, 0 new")

    def test_messages_that_are_suppressed_stay_suppressed(self):
        bus = simulated_bus()
        bus["defaults"] = {"min_interval": "0ms", "max_interval": "0s"}
        bus["messages"] = {"Climate": {"deadband": {"Temperature": "500 °C", "Humidity": "500 %", "CO2": "50000 ppm", "Light": "500000 lx"}}}
        self.start(buses={"can0": bus})
        mark = self.mark()
        self.reload(self.settings)
        self.reload(self.with_bus(no_traffic_after="7s"))  # the bus changes, its messages do not
        self.wait_metrics()
        climate = [m for m in self.client.messages[mark:] if m.topic == f"{BUS}/Climate"]
        self.assertEqual(climate, [])

    def test_the_service_manager_sees_the_beginning_and_the_end(self):
        path = self.directory / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(path))
            manager.settimeout(support.TIMEOUT_S)
            self.broker = self.start_broker()
            file = self.write_configuration(configuration(self.broker.port), "edge-gateway.yaml")
            gateway = self.start_process(
                [gateway_support.PROGRAM, "run", "-c", file], environment={"NOTIFY_SOCKET": str(path)}
            )
            self.assertEqual(manager.recv(4096), b"READY=1")
            for text in [None, "nonsense: ["]:
                if text is not None:
                    file.write_text(text)
                gateway.send(signal.SIGHUP)
                first = manager.recv(4096).decode().splitlines()
                self.assertEqual(first[0], "RELOADING=1")
                self.assertRegex(first[1], r"^MONOTONIC_USEC=\d+$")
                self.assertEqual(manager.recv(4096), b"READY=1")


class Changes(Reload):
    def test_a_new_factor_in_the_dbc_file_counts_at_once(self):
        dbc = self.directory / "plant.dbc"
        text = GREENHOUSE_DBC.read_text()
        dbc.write_text(text)
        self.start(buses={"can0": {**simulated_bus(), "dbc": str(dbc)}})
        line = next(x for x in text.splitlines() if x.strip().startswith("SG_ Temperature"))
        factor = line[line.index("(") + 1 : line.index(",", line.index("("))]
        dbc.write_text(text.replace(line, line.replace(f"({factor},", f"({float(factor) * 100:g},")))
        mark = self.mark()
        changes = self.reload(self.settings)
        self.assertEqual(changes, {("message", "can0/Climate"): "changed"})
        # What was read before is still on its way; then all is by the new one.
        hot = self.after(
            mark, lambda m: m.topic == f"{BUS}/Climate" and m.json["signals"]["Temperature"] > 100
        )
        since = self.client.messages[self.client.messages.index(hot) :]
        values = [m.json["signals"]["Temperature"] for m in since if m.topic == f"{BUS}/Climate"]
        self.assertGreater(min(values), 100)
        self.after(mark, lambda m: m.topic == f"{ROOT}/catalog")

    def test_a_bus_comes_and_goes_with_all_its_topics(self):
        self.start(home_assistant={"enabled": True})
        before = self.wait_metrics(lambda m: m["frames"]["received"] > 10)
        second = {**simulated_bus(), "simulate": {"time_factor": 1, "seed": 3}}
        with_second = {**self.settings, "buses": {"can1": second, **self.settings["buses"]}}
        self.assertEqual(self.reload(with_second)[("bus", "can1")], "new")
        self.client.wait_topic(f"{ROOT}/can/can1/Climate")
        self.client.wait_for(lambda m: m.topic == f"{ROOT}/can/can1/state" and m.json["state"] == "up")
        self.client.wait_for(lambda m: m.topic == f"{ROOT}/alarms/can1-down")
        without = {**self.settings, "buses": {"can0": self.settings["buses"]["can0"]}}
        changes = self.reload(without)
        self.assertEqual(changes[("bus", "can1")], "removed")
        self.wait_gone(f"{ROOT}/can/can1/Climate")
        mark = self.mark()
        metrics = self.after(mark, lambda m: m.topic == f"{ROOT}/metrics").json
        self.assertEqual(list(metrics["buses"]), ["can0"])
        self.assertGreater(metrics["frames"]["received"], before["frames"]["received"])
        self.client._wait(lambda: not [t for t in self.retained() if "can1" in t], "end of can1")
        answer = support.subprocess.run(
            [gateway_support.PROGRAM, "verify", "--log", str(self.directory / "log.db")],
            capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)

    def test_alarms_keep_what_people_did(self):
        others = {**WARM, "text": "another one"}
        self.start(
            alarms={"warm": WARM, "shelved": {**others}, "changed": {**others}, "removed": {**others}}
        )
        for name in ["warm", "shelved", "changed", "removed"]:
            topic = f"{ROOT}/alarms/{name}"
            self.client.wait_for(lambda m, t=topic: m.topic == t and m.json["state"] == "active_unack")
        self.client.publish(f"{ALARM}/set", "ack")
        self.client.publish(f"{ROOT}/alarms/shelved/set", '{"shelve_s":3600}')
        self.client.wait_for(lambda m: m.topic == ALARM and m.json["state"] == "active_ack")
        shelved = self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/alarms/shelved" and m.json["state"] == "shelved"
        ).json
        mark = self.mark()
        alarms = {
            "new": {**WARM, "text": "a new one"},
            "changed": {**others, "priority": 1},
            "shelved": {**others},
            "warm": WARM,
        }
        changes = self.reload({**self.settings, "alarms": alarms})
        self.assertEqual(
            changes,
            {
                ("alarm", "new"): "new",
                ("alarm", "changed"): "changed",
                ("alarm", "removed"): "removed",
            },
        )
        self.after(mark, lambda m: m.topic == f"{ROOT}/alarms/new" and m.json["state"] == "active_unack")
        self.after(mark, lambda m: m.topic == f"{ROOT}/alarms/changed" and m.json["priority"] == 1)
        self.after(mark, lambda m: m.topic == f"{ROOT}/alarms/removed" and not m.payload)
        told = {m.topic for m in self.client.messages[mark:]}
        self.assertEqual(told & {ALARM, f"{ROOT}/alarms/shelved"}, set())
        now = self.retained()
        self.assertEqual(now[ALARM].json["state"], "active_ack")
        self.assertEqual(now[f"{ROOT}/alarms/shelved"].json, shelved)
        self.assertEqual(now[f"{ROOT}/alarms/changed"].json["state"], "active_unack")
        # They are remembered under their new names, too.
        self.client.publish(f"{ROOT}/alarms/new/set", "ack")
        self.client.wait_for(lambda m: m.topic == f"{ROOT}/alarms/new" and m.json["state"] == "active_ack")
        self.gateway.stop()
        self.gateway.start()
        self.after(self.mark(), lambda m: m.topic == f"{ROOT}/status" and m.text == "online")
        self.client.wait_newest(f"{ROOT}/alarms/new", lambda m: m.json["state"] == "active_ack")
        self.client.wait_newest(ALARM, lambda m: m.json["state"] == "active_ack")

    def test_commands_and_sections(self):
        self.start()
        wish = f"{ROOT}/can/can0/HeaterCommand/set"
        changes = self.reload(self.with_bus(commands={"VentCommand": {"ttl": "3s"}}))
        self.assertEqual(changes[("command", "can0/HeaterCommand")], "removed")
        self.assertEqual(changes[("command", "can0/VentCommand")], "changed")
        self.client.publish(wish, {"signals": {"Power": "On"}})
        self.wait_metrics(lambda m: m["commands"]["refused"]["not_allowed"] == 1)
        cam = {"enabled": True, "directory": str(self.directory / "cam"), "before": "1s", "after": "1s"}
        changes = self.reload({**self.settings, "dash_cam": cam})
        self.assertEqual(changes, {("section", "dash_cam"): "changed"})
        self.wait_metrics(lambda m: m.get("dash_cam", {}).get("held_frames", 0) > 0)
        changes = self.reload({**self.settings, "home_assistant": {"enabled": True}})
        self.assertEqual(changes, {("section", "home_assistant"): "changed"})
        self.client.wait_for(lambda m: m.topic.startswith(f"{HOME}/device/"))
        changes = self.reload({**self.settings, "home_assistant": {"enabled": False}})
        self.wait_gone(f"{HOME}/device/")
        limits = {**self.settings["store"], "max_size": "9MiB"}
        self.reload({**self.settings, "store": limits})
        self.wait_metrics(lambda m: m["store"]["quota_bytes"] == 9 << 20)


class Refused(Reload):
    def test_what_cannot_change_is_named(self):
        self.start(backfill={"ack": "broker"})
        self.client.wait_for(lambda m: m.topic == f"{ROOT}/alarms/frame_log")
        before = self.retained()
        broker = self.settings["broker"]
        store = self.settings["store"]
        for key, settings in [
            ("site", {"site": "elsewhere"}),
            ("node", {"node": "gw2"}),
            ("broker.prefix", {"broker": {**broker, "prefix": "other"}}),
            ("broker.client_id", {"broker": {**broker, "client_id": "me"}}),
            ("broker.max_outstanding", {"broker": {**broker, "max_outstanding": 50}}),
            ("broker.ledger", {"broker": {**broker, "ledger": "other.topics"}}),
            ("store.file", {"store": {**store, "file": "other.db"}}),
            ("store.enabled", {"store": {"enabled": False}}),
            ("backfill.ack", {"backfill": {"ack": "sink", "sinks": ["one"]}}),
        ]:
            error = self.refused({**self.settings, **settings})
            self.assertEqual(error, f"{key} cannot change while the gateway runs: restart it")
        self.assertEqual(set(self.retained()), set(before))
        self.assertEqual(self.reload(self.settings), {})

    def test_every_mistake_is_told_and_nothing_changes(self):
        self.start()
        wrong = self.with_bus(dbc="nowhere.dbc")
        wrong["alarms"] = {"x": {"signal": "can0/Climate/Temperature", "high": "3 bar"}}
        error = self.refused({**wrong, "metrics_interval": "never"})
        self.assertRegex(error, r"edge-gateway\.yaml:\d+:\d+: error: .*never")
        error = self.refused(self.with_bus(messages={"Nothing": {"publish": "every"}}))
        self.assertIn("Nothing", error)
        mark = self.mark()
        self.after(mark, lambda m: m.topic == f"{BUS}/Climate")
        self.assertEqual(self.reload(self.settings), {})


if __name__ == "__main__":
    support.main()
