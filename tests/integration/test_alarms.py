"""Alarms over a real broker: raised by frames, acknowledged by people, told without a loss."""

import json
import pathlib
import signal
import subprocess
import sys
import time

import gateway_support
import lanes_support
import support
from gateway_support import ROOT

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from contract import Contract  # noqa: E402

CONTRACT = Contract(support.SOURCE_DIR)
COUNT, OTHER, STRANGER = 0x123, 0x124, 0x1A0
SIGNAL = "can0/Other/Number"
STORM = 1000
STORM_TIMEOUT_S = 60
CYCLES = 'BA_DEF_ BO_ "GenMsgCycleTime" INT 0 100000;\nBA_ "GenMsgCycleTime" BO_ 291 50;\n'


class Watching(lanes_support.TestCase):
    """A gateway with a bus that the test feeds, and a client that hears everything."""

    alarms = {}
    bus = {}

    def setUp(self):
        super().setUp()
        self.dbc.write_text(lanes_support.DBC + CYCLES)
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe(f"{ROOT}/#")
        self.lanes = self.start_lanes(self.broker)
        self.feed = self.start_feed()
        self.configuration = self.settings(self.broker, self.feed)
        self.configuration["alarms"] = self.alarms
        self.configuration["log"] = {"rate": {"burst": 0}}  # a storm is told line by line
        self.configuration["buses"]["can0"].update(self.bus)
        self.gateway = self.start_gateway(self.configuration)
        self.client.wait_topic(f"{ROOT}/status", "online")

    def wait_state(self, alarm, state):
        """The newest state of the alarm is that one, as the contract says."""
        message = self.client.wait_newest(
            f"{ROOT}/alarms/{alarm}", lambda m: m.json["state"] == state
        )
        self.assertEqual(CONTRACT.violations("alarm", message.text), [])
        return message.json

    def events(self, alarm):
        messages = [m for m in list(self.client.messages) if m.topic == f"{ROOT}/alarms/event"]
        own = [m for m in messages if m.json["alarm"] == alarm]
        for message in own:
            self.assertEqual(CONTRACT.violations("alarm_event", message.text), [])
        return [m.json["event"] for m in own]

    def wait_events(self, alarm, wanted):
        """So many came, and they are these."""
        self.client.wait_for(lambda _: len(self.events(alarm)) >= len(wanted))
        self.assertEqual(self.events(alarm), wanted)

    def act(self, alarm, wish, *options):
        """As an operator would, with mosquitto_pub."""
        text = wish if isinstance(wish, str) else json.dumps(wish)
        subprocess.run(
            ["mosquitto_pub", "-h", support.HOST, "-p", str(self.broker.port), "-q", "1",
             "-t", f"{ROOT}/alarms/{alarm}/set", "-m", text, *options],
            check=True, timeout=support.TIMEOUT_S,
        )  # fmt: skip

    def ask(self, verb, question):
        topic = f"answers/{verb}/{time.monotonic_ns()}"
        asker = self.start_client(self.broker).subscribe(topic)
        asker.publish(f"{ROOT}/request/{verb}", question, ResponseTopic=topic)
        asker.wait_for(lambda m: m.json["status"] == "error" or m.json["last"])
        for message in asker.messages:
            self.assertEqual(CONTRACT.violations(f"response_{verb}", message.text), [])
        return [message.json for message in asker.messages]

    def wait_refused(self, reason, count=1):
        self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/metrics"
            and m.json["alarms"]["refused"][reason] == count
        )


class Plant(Watching):
    alarms = {
        "high": {"signal": SIGNAL, "high": 30, "deadband": 2, "priority": 1, "text": "too high",
                 "consequence": "it boils", "response": "open the vent"},
        "latched": {"signal": SIGNAL, "high": 30, "latch": True, "shelve_max": "0s"},
        "both": {"when": f"{SIGNAL} > 30 and can0/Count/Number > 1"},
        "off": {"signal": SIGNAL, "high": 0, "enabled": False},
        "hidden": {"signal": SIGNAL, "high": 30, "suppress_when": "can0/Count/Number == 7"},
    }  # fmt: skip

    def test_it_is_raised_acknowledged_and_cleared(self):
        self.feed.write(OTHER, 30)
        self.feed.write(OTHER, 31)
        raised = self.wait_state("high", "active_unack")
        self.assertEqual((raised["value"], raised["limit"], raised["priority"]), (31, 30, 1))
        self.assertEqual((raised["text"], raised["response"]), ("too high", "open the vent"))
        self.act("high", {"action": "ack", "by": "Anna"})
        self.assertEqual(self.wait_state("high", "active_ack")["by"], "Anna")
        self.feed.write(OTHER, 29)  # within the deadband
        self.feed.write(OTHER, 28)
        cleared = self.wait_state("high", "normal")
        self.assertNotIn("by", cleared)
        self.wait_events("high", ["raise", "ack", "clear"])
        self.assertEqual(self.events("off"), [])
        self.assertFalse(any(m.topic == f"{ROOT}/alarms/off" for m in self.client.messages))

    def test_what_returned_waits_for_its_acknowledgement_and_reset(self):
        self.feed.write(OTHER, 31)
        self.wait_state("latched", "active_unack")
        self.feed.write(OTHER, 10)
        self.wait_state("latched", "latched_unack")
        self.act("latched", "reset")
        self.wait_refused("state")
        self.act("latched", "ack")
        self.wait_state("latched", "latched_ack")
        self.act("latched", "reset")
        self.wait_state("latched", "normal")
        self.wait_events("latched", ["raise", "clear", "ack", "reset"])

    def test_a_frame_that_is_not_published_counts_too(self):
        self.gateway.stop()
        self.configuration["buses"]["can0"]["messages"] = {"Other": {"publish": "never"}}
        self.gateway = self.start_gateway(self.configuration, name="again")
        self.feed.write(OTHER, 31)
        self.wait_state("high", "active_unack")
        topics = {m.topic for m in self.client.messages if m.payload}
        self.assertEqual([topic for topic in topics if topic.endswith("/Other")], [])

    def test_a_condition_over_two_messages(self):
        self.feed.write(OTHER, 31)
        self.wait_state("high", "active_unack")
        self.feed.write(COUNT, 1)
        self.feed.write(COUNT, 2)
        self.wait_state("both", "active_unack")
        self.wait_events("both", ["raise"])

    def test_what_a_design_hides_calls_nobody_until_it_is_back(self):
        self.feed.write(COUNT, 7)
        self.wait_state("hidden", "suppressed")
        self.feed.write(OTHER, 31)
        self.wait_state("high", "active_unack")
        self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/alarms/event"
            and (m.json["alarm"], m.json["event"]) == ("hidden", "raise")
        )
        self.assertEqual(self.wait_state("hidden", "suppressed")["value"], 31)
        self.feed.write(COUNT, 8)
        self.wait_state("hidden", "active_unack")
        self.wait_events("hidden", ["suppress", "raise", "restore"])

#-- - wishes

    def test_whoever_asks_is_answered(self):
        asker = self.start_client(self.broker).subscribe("me/#")
        topic = f"{ROOT}/alarms/high/set"
        asker.publish(topic, "ack", ResponseTopic="me/1")
        refused = asker.wait_topic("me/1").json
        self.assertEqual((refused["status"], refused["error"]), ("error", "needs no acknowledgement"))
        asker.publish(topic, {"shelve_s": 60, "transaction": "t-1"}, ResponseTopic="me/2")
        self.assertEqual(asker.wait_topic("me/2").json, {"transaction": "t-1", "status": "ok"})
        shelved = self.wait_state("high", "shelved")
        self.assertAlmostEqual(shelved["until"] - shelved["since"], 60, places=3)
        asker.publish(f"{ROOT}/alarms/latched/set", {"shelve_s": 1}, ResponseTopic="me/3")
        self.assertEqual(asker.wait_topic("me/3").json["status"], "error")  # shelve_max: 0s
        asker.publish(f"{ROOT}/alarms/nobody/set", "ack", ResponseTopic="me/4")
        self.assertEqual(asker.wait_topic("me/4").json["error"], "there is no such alarm")
        asker.publish(topic, "acknowledge", ResponseTopic="me/5")
        self.assertIn("'acknowledge' is none of ack", asker.wait_topic("me/5").json["error"])
        self.wait_refused("malformed")
        self.wait_refused("unknown")
        self.wait_refused("state", 2)

    def test_a_retained_wish_is_refused(self):
        self.gateway.stop()
        self.act("high", {"shelve_s": 60}, "-r")
        self.gateway = self.start_gateway(self.configuration, name="again")
        self.wait_refused("retained")
        self.assertEqual(self.events("high"), [])

#-- - requests

    def test_the_present_and_the_past_can_be_asked_for(self):
        self.feed.write(OTHER, 31)
        self.wait_state("high", "active_unack")
        self.act("high", "ack")
        self.wait_state("high", "active_ack")
        (answer,) = self.ask("alarms", {})
        states = {item["alarm"]: item["state"] for item in answer["data"]["alarms"]}
        self.assertEqual((states["high"], states["latched"]), ("active_ack", "active_unack"))
        self.assertEqual(states["frame_log"], "normal")
        self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/metrics" and m.json["store"]["events"] > 0
            and m.json["store"]["committed_seq"] == m.json["readings"]["newest_seq"]
        )  # fmt: skip
        (answer,) = self.ask("alarm_history", {"alarm": "high"})
        events = answer["data"]["events"]
        self.assertEqual([event["event"] for event in events], ["raise", "ack"])
        live = [m.json for m in self.client.messages if m.topic == f"{ROOT}/alarms/event"]
        self.assertEqual(events, [event for event in live if event["alarm"] == "high"])
        (answer,) = self.ask("alarm_history", {"limit": 1, "after_seq": events[0]["seq"]})
        (event,) = answer["data"]["events"]
        self.assertGreater(event["seq"], events[0]["seq"])
        (answer,) = self.ask("alarm_history", {"from": 1, "to": 2})
        self.assertEqual(answer["data"]["events"], [])

#-- - over a restart

    def assert_survives(self, end):
        self.feed.write(OTHER, 31)
        self.wait_state("high", "active_unack")
        self.act("high", "ack")
        self.wait_state("high", "active_ack")
        self.act("latched", {"action": "out_of_service", "by": "Anna"})
        self.wait_state("latched", "out_of_service")
        self.act("both", {"shelve_s": 2})
        until = self.wait_state("both", "shelved")["until"]
        self.act("hidden", {"shelve_s": 3600})
        self.wait_state("hidden", "shelved")
        self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/metrics" and m.json["store"]["waiting_bytes"] == 0
            and m.json["store"]["events"] >= 8
            and m.json["store"]["committed_seq"] == m.json["readings"]["newest_seq"]
        )  # fmt: skip
        end()
        self.client.messages.clear()
        self.gateway = self.start_gateway(self.configuration, name="again")
        self.wait_state("high", "active_ack")
        self.assertEqual(self.wait_state("latched", "out_of_service")["by"], "Anna")
        self.wait_state("hidden", "shelved")
        self.wait_state("both", "normal")  # it ended while the gateway was away, or ends now
        self.assertGreaterEqual(time.time(), until)
        self.assertEqual(self.events("high"), [])
        self.feed.write(OTHER, 31)
        self.feed.write(OTHER, 10)
        self.wait_state("high", "normal")
        self.wait_events("high", ["clear"])

    def test_what_it_was_comes_back_after_a_stop(self):
        self.assert_survives(self.gateway.stop)

    def test_what_it_was_comes_back_after_a_kill(self):
        self.assert_survives(lambda: (self.gateway.send(signal.SIGKILL), self.gateway.wait()))


class Bus(Watching):
    bus = {"no_traffic_after": "300ms", "learn_ids": "100ms", "bitrate": 500000}
    alarms = {"can0-no_traffic": {"priority": 1, "text": "nothing"}, "can0-lost_frames": {"enabled": False}}

    def test_a_message_that_comes_no_more_is_named(self):
        self.feed.start(per_second=100)
        state = self.client.wait_newest(
            f"{ROOT}/can/can0/state", lambda m: m.json["frames_per_s"] > 10 and m.json["state"] == "up"
        )
        self.assertGreater(state.json["load_percent"], 0)
        self.assertEqual(state.json["silent"], [])
        self.feed.stop()
        alarm = self.wait_state("can0-silent", "active_unack")
        self.assertEqual(alarm["text"], "messages come no more: Count")
        state = self.client.wait_newest(
            f"{ROOT}/can/can0/state", lambda m: m.json["silent"] == ["Count"]
        )
        self.assertEqual(CONTRACT.violations("bus_state", state.text), [])
        self.feed.start(per_second=100)
        self.wait_state("can0-silent", "returned_unack")

    def test_a_silent_bus_is_an_alarm_as_configured(self):
        self.feed.send()
        alarm = self.wait_state("can0-no_traffic", "active_unack")
        self.assertEqual(alarm["priority"], 1)
        self.feed.start(per_second=100)
        self.wait_state("can0-no_traffic", "returned_unack")
        self.assertFalse(any("can0-lost" in m.topic for m in self.client.messages))

    def test_an_id_that_no_dbc_names_is_told_once_the_bus_is_known(self):
        self.feed.write(STRANGER, 1)
        self.feed.start(per_second=100)
        self.client.wait_newest(
            f"{ROOT}/can/can0/state", lambda m: m.json["unknown_ids"] == ["1A0"]
        )
        self.assertEqual(self.events("can0-unknown_ids"), [])
        self.feed.write(STRANGER + 1, 1)
        alarm = self.wait_state("can0-unknown_ids", "active_unack")
        self.assertEqual(alarm["text"], "no DBC file names 1A1")


MISTAKES = """\
site: demo
node: gw1
broker: {{ address: 127.0.0.1 }}
buses:
  can0: {{ dbc: {dbc} }}
alarms:
  signal: {{ signal: can0/Tank/LevelPercnt, low: 20 % }}
  unit: {{ signal: can0/Tank/LevelPercent, low: 20 bar }}
  label: {{ signal: can0/Actuators/Heater, is: Onn }}
  condition: {{ when: can0/Tank/Level < 20 l and can0/Actuators/Pump == 'Runs' }}
  pair: {{ signal: can0/Tank/Level, from: can0/Tank/LevelPercent, by: 3 }}
  time: {{ signal: can0/Tank/Level, change: 5 l }}
  never_over: {{ signal: can0/Tank/Level, from: 3 l, by: 2 l, deadband: 2 l }}
  limits: {{ signal: can0/Tank/Level, low: 10 l, high: 12 l, deadband: 2 l }}
  several: {{ signal: can0/Tank/Level, high: 4, stale: 5s }}
  none: {{ signal: can0/Tank/Level }}
  deadband: {{ signal: can0/Tank/Level, stale: 5s, deadband: 1 l }}
  can0-bus_of: {{ priority: 1 }}
  can0-silent: {{ signal: can0/Tank/Level, stale: 5s }}
  event: {{ signal: can0/Tank/Level, high: 2 l }}
  priority: {{ signal: can0/Tank/Level, high: 2 l, priority: 5 }}
"""
TOLD = """\
7:21: error: message 'Tank' has no signal 'LevelPercnt' - did you mean 'LevelPercent'?
8:48: error: 'LevelPercent' is in %, not in bar
9:47: error: signal 'Heater' has no label 'Onn' - did you mean 'On'?
10:72: error: signal 'Pump' has no label 'Runs'
11:42: error: 'Level' is in l and 'LevelPercent' in %
12:3: error: alarm 'time': 'change' needs 'over', the time that it is measured in
13:3: error: alarm 'never_over': 'by' must be more than zero, and more than the deadband
14:3: error: alarm 'limits': between 'low' and 'high' there is less than the deadband
15:3: error: alarm 'several' has several conditions: make several alarms, or one 'when'
16:3: error: alarm 'none' needs one of 'high', 'low', 'change', 'stale', 'from', 'is', 'when'
17:3: error: alarm 'deadband': 'deadband' goes with 'high', 'low', 'change' and 'from'
18:3: error: alarm 'can0-bus_of' needs one of 'high', 'low', 'change', 'stale', 'from', 'is', 'when' - or did you mean the built-in 'can0-bus_off'?
19:3: error: alarm 'can0-silent' is a built-in one, which has its condition
20:3: error: 'event' cannot be the id of an alarm: it is a word of the topics
"""


class Check(gateway_support.TestCase):
    def check(self, text):
        path = self.directory / "gateway.yaml"
        path.write_text(text.format(dbc=gateway_support.GREENHOUSE_DBC))
        result = subprocess.run(
            [gateway_support.PROGRAM, "check", "-c", path], capture_output=True, text=True,
            timeout=support.TIMEOUT_S,
        )  # fmt: skip
        self.assertNotRegex(result.stderr, support.SANITIZER_REPORT)
        lines = result.stderr.splitlines()
        return result.returncode, [
            line.removeprefix(f"{path}:") for line in lines if line.startswith(f"{path}:")
        ]

    def test_every_mistake_is_told_with_its_place(self):
        # What a table finds is told alone; the rest once the tables are content.
        status, lines = self.check(MISTAKES)
        self.assertEqual((status, len(lines)), (1, 1), lines)
        self.assertRegex(lines[0], "^21:[0-9]+: error: .*priority")
        status, lines = self.check(MISTAKES.replace("priority: 5", "priority: 4"))
        self.assertEqual((status, lines), (1, TOLD.splitlines()))


class Storm(Watching):
    """A frame that concerns a thousand alarms at once."""

    alarms = {
        f"storm_{i}": {"signal": SIGNAL, "high": i, "ack": "on_return"} for i in range(STORM)
    }

    def transitions(self):
        """Of each alarm of the storm, in the order of their seqs."""
        found = {}
        for seq in sorted(self.lanes.content):
            _, _, item = json.loads(self.lanes.content[seq])
            if item.get("alarm", "").startswith("storm_"):
                found.setdefault(item["alarm"], []).append(item["event"])
        return found

    def wait_transitions(self, count):
        self.lanes.wait_until(
            lambda: sum(map(len, self.transitions().values())) >= count,
            f"{count} transitions", STORM_TIMEOUT_S,
        )  # fmt: skip

    def test_none_of_a_thousand_is_lost_and_readings_go_on(self):
        self.feed.start(per_second=100)
        self.lanes.wait_numbers([10])
        for number in (5000, 0, 5000, 0):
            self.feed.write(OTHER, number)
        self.wait_transitions(4 * STORM)
        during = len(self.feed.sent)
        self.lanes.wait_numbers(range(1, during + 1))
        self.feed.stop()
        self.lanes.wait_complete(STORM_TIMEOUT_S)
        transitions = self.transitions()
        self.assertEqual(set(transitions), {f"storm_{i}" for i in range(STORM)})
        for events in transitions.values():
            self.assertEqual(events, ["raise", "clear", "raise", "clear"])
        self.assert_consistent(self.lanes)
        self.client.wait_newest(f"{ROOT}/alarms/storm_999", lambda m: m.json["state"] == "normal")
        figures = self.client.wait_newest(
            f"{ROOT}/metrics", lambda m: m.json["alarms"]["waiting"] == 0
        ).json["alarms"]
        self.assertEqual((figures["flood"], figures["active"]), (1, 0))
        self.assertEqual(figures["transitions"], 4 * STORM)
        self.assertEqual(figures["raised_10min"], 2 * STORM)

    def test_none_is_lost_while_the_broker_is_away(self):
        self.lanes.wait_until(lambda: self.lanes.content, "an event")
        self.broker.stop()
        for number in (5000, 0, 5000):
            self.feed.write(OTHER, number)
        self.gateway.wait_log("storm_999: clear")
        self.broker.start()
        self.wait_transitions(3 * STORM)
        self.lanes.wait_complete(STORM_TIMEOUT_S)
        for events in self.transitions().values():
            self.assertEqual(events, ["raise", "clear", "raise"])
        self.assert_consistent(self.lanes)


if __name__ == "__main__":
    support.main()
