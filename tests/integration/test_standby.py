"""Two automation nodes for one greenhouse: one leads, the other takes over; the gateway obeys one at a time.

`--long` repeats each fault several times and prints how long takeovers took.
"""

import json
import signal
import socket
import sys
import threading
import time

import support

SITE = "edge/test"
COMMAND = f"{SITE}/gw1/can/can0/HeaterCommand/set"
STATE = f"{SITE}/devices/heater/state"
WISH = f"{SITE}/devices/heater/set"
FENCES = f"{SITE}/gw1/fences"
TAKEOVER_S = 2
MIN_OFF_S = 8
LONG = "--long" in sys.argv
REPEATS = 5 if LONG else 1

GATEWAY = """
site: test
node: gw1
broker: {{ address: 127.0.0.1, port: {port}, retry_min: 20ms, retry_max: 100ms }}
metrics_interval: 200ms
store: {{ file: edge.db }}
buses:
  can0:
    driver: simulate
    simulate: {{ time_factor: 60 }}
    dbc: {dbc}
    defaults: {{ min_interval: 100ms, max_interval: 500ms }}
    commands: {{ HeaterCommand: {{ group: {group} }} }}
"""

NODE = """
site: test
node: {node}
broker: {{ address: 127.0.0.1, port: {port}, retry_min: 20ms, retry_max: 100ms, keepalive: 5s }}
metrics_interval: 200ms
time: {{ zone: UTC0, wait_for_sync: 0s }}
store: {{ file: {node}.db }}
{standby}
inputs:
  temperature: {{ gateway: gw1, signal: can0/Climate/Temperature, unit: °C, stale_after: 20s }}
devices:
  heater:
    gateway: gw1
    command: can0/HeaterCommand/Heater
    feedback: can0/Actuators/Heater
    values: {{ "ON": "On", "OFF": "Off" }}
    fail_safe: "OFF"
    min_off: {min_off}
    confirm_within: 5s
thermostats:
  air: {{ input: temperature, device: heater, setpoint: 21 °C, hysteresis: 1 °C }}
"""


class Proxy:
    """Carries one node's connection to the broker; frozen, it carries nothing and ends nothing."""

    def __init__(self, port):
        self._target = port
        self._server = socket.create_server((support.HOST, 0))
        self.port = self._server.getsockname()[1]
        self._flowing = threading.Event()
        self._flowing.set()
        self._sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._server.accept()
                self._flowing.wait()
                broker = socket.create_connection((support.HOST, self._target))
            except OSError:
                if self._server.fileno() < 0:
                    return
                continue
            self._sockets += [client, broker]
            for one, other in ((client, broker), (broker, client)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one, other):
        try:
            while data := one.recv(65536):
                self._flowing.wait()
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def freeze(self):
        self._flowing.clear()

    def flow(self):
        self._flowing.set()

    def close(self):
        self._server.close()
        self._flowing.set()
        for end in self._sockets:
            end.close()


class StandbyTest(support.TestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe("edge/#")
        self.nodes = {}
        self.takeovers = []

    def start_gateway(self, group="heating"):
        path = self.directory / "gateway.yaml"
        dbc = support.SOURCE_DIR / "examples/greenhouse.dbc"
        path.write_text(
            GATEWAY.format(port=self.broker.port, dbc=dbc, group=group), encoding="utf-8"
        )
        command = [support.BIN_DIR / "edge-gateway", "run", "-c", path]
        self.gateway = self.start_process(command, name="edge-gateway")
        self.client.wait_topic(f"{SITE}/gw1/status", "online")

    def configure(self, node, rank, port=None, group="heating", min_off="0s"):
        standby = ""
        if rank:
            standby = f"standby: {{ group: {group}, rank: {rank}, takeover_after: {TAKEOVER_S}s }}"
        text = NODE.format(
            node=node, standby=standby, port=port or self.broker.port, min_off=min_off
        )
        (self.directory / f"{node}.yaml").write_text(text, encoding="utf-8")

    def start_node(self, node, rank, **options):
        self.configure(node, rank, **options)
        path = self.directory / f"{node}.yaml"
        command = [support.BIN_DIR / "automation-node", "run", "-c", path]
        self.nodes[node] = self.start_process(command, name=node)
        self.client.wait_topic(f"{SITE}/{node}/status", "online")

    def start_pair(self, **options):
        self.start_gateway()
        self.start_node("auto1", 1, **options)
        self.wait_claim("auto1", "leader")
        self.start_node("auto2", 2, **options)
        self.wait_claim("auto2", "standby")
        self.wait_command("auto1")

    def wait_after(self, count, predicate):
        """The first such message after the first `count` ones."""
        self.client._wait(
            lambda: any(predicate(m) for m in self.client.messages[count:]), "such new message"
        )
        return next(m for m in self.client.messages[count:] if predicate(m))

    def wait_new_claim(self, count, role, node=""):
        return self.wait_after(
            count,
            lambda m: m.topic.endswith(f"{node}/claim") and not m.retain and m.payload
            and m.json["role"] == role,
        )  # fmt: skip

    def newest(self, topic):
        return next((m for m in reversed(self.client.messages) if m.topic == topic), None)

    def claim(self, node):
        message = self.newest(f"{SITE}/{node}/claim")
        return message.json if message else {"role": None, "epoch": 0}

    def wait_claim(self, node, role, above=-1):
        topic = f"{SITE}/{node}/claim"
        return self.client.wait_newest(
            topic, lambda m: m.json["role"] == role and m.json["epoch"] > above
        ).json

    def commands(self, first=0):
        return [m.json["master"] for m in self.client.messages[first:] if m.topic == COMMAND]

    def wait_command(self, node, epoch=0):
        """Somebody wishes something, so that the leader has something to say."""
        count = [0]

        def found(message):
            master = message.json.get("master", {}) if message.topic == COMMAND else {}
            return master.get("node") == node and master["epoch"] >= epoch

        deadline = time.monotonic() + support.TIMEOUT_S
        while time.monotonic() < deadline:
            count[0] += 1
            value = "ON" if count[0] % 2 else "OFF"
            self.client.publish(WISH, {"value": value, "for_s": 2})
            try:
                return self.client.wait_for(found, 0.5)
            except AssertionError:
                pass
        return self.client.wait_for(found, 0.1)

    def refused(self):
        metrics = self.newest(f"{SITE}/gw1/metrics")
        return metrics.json["commands"]["refused"]["stale_epoch"]

    def accepted_by_the_gateway(self):
        """Every fence that the gateway has published, in order."""
        return [
            group["epoch"]
            for m in self.client.messages if m.topic == FENCES and m.payload
            for group in m.json["groups"]
        ]  # fmt: skip

    def check_one_master(self):
        """No older master was obeyed after a newer one."""
        epochs = self.accepted_by_the_gateway()
        self.assertEqual(epochs, sorted(epochs))
        nodes = {}
        for master in self.commands():
            self.assertEqual(nodes.setdefault(master["epoch"], master["node"]), master["node"])
        highest, late = 0, 0
        for master in self.commands():
            late += master["epoch"] < highest
            highest = max(highest, master["epoch"])
        if late:
            self.client.wait_newest(
                f"{SITE}/gw1/metrics",
                lambda m: m.json["commands"]["refused"]["stale_epoch"] >= late,
            )

    def check_room(self):
        values = [
            m.json["signals"]["Temperature"]
            for m in self.client.messages
            if m.topic == f"{SITE}/gw1/can/can0/Climate" and m.payload
        ]
        self.assertTrue(values)
        self.assertGreater(min(values), 5)
        self.assertLess(max(values), 40)

    def take_over(self, node, fault):
        """The fault hits whoever leads: how long it takes until `node` leads."""
        epoch = max(self.claim(n)["epoch"] for n in self.nodes)
        begin = time.monotonic()
        fault()
        claim = self.wait_claim(node, "leader", above=epoch)
        self.takeovers.append(time.monotonic() - begin)
        self.wait_command(node, claim["epoch"])
        return claim["epoch"]

    def report(self, what):
        times = ", ".join(f"{t:.2f}" for t in self.takeovers)
        print(f"\n{what}: takeover after {times} s (takeover_after {TAKEOVER_S} s)", flush=True)

    def other(self, node):
        return "auto2" if node == "auto1" else "auto1"

    def test_a_leader_that_is_killed_is_replaced(self):
        self.start_pair()
        leader = "auto1"
        for _ in range(REPEATS):
            self.take_over(self.other(leader), self.nodes[leader].kill)
            self.check_one_master()
            self.nodes[leader].start()
            self.client.wait_newest(f"{SITE}/{leader}/status", lambda m: m.text == "online")
            self.wait_claim(leader, "standby")
            leader = self.other(leader)
        self.check_room()
        self.report("kill -9")

    def test_a_leader_that_stands_still_never_drives_again(self):
        self.start_pair()
        leader = "auto1"
        for _ in range(REPEATS):
            stopped = self.nodes[leader]
            epoch = self.take_over(self.other(leader), lambda p=stopped: p.send(signal.SIGSTOP))
            first = len(self.client.messages)
            lines = len(stopped.log.splitlines())
            stopped.send(signal.SIGCONT)
            stopped.wait_log("leads the group heating no longer", after=lines)
            self.wait_new_claim(first, "standby", leader)
            self.wait_command(self.other(leader), epoch)
            late = [m for m in self.commands(first) if m["node"] == leader]
            self.assertEqual(late, [], "the node that stood still has commanded")
            self.check_one_master()
            leader = self.other(leader)
        self.check_room()
        self.report("SIGSTOP")

    def test_a_leader_that_is_cut_off_is_replaced(self):
        proxy = Proxy(self.broker.port)
        self.addCleanup(proxy.close)
        self.start_gateway()
        self.start_node("auto1", 1, port=proxy.port)
        self.wait_claim("auto1", "leader")
        self.start_node("auto2", 2)
        self.wait_claim("auto2", "standby")
        self.wait_command("auto1")
        for _ in range(REPEATS):
            lines = len(self.nodes["auto1"].log.splitlines())
            epoch = self.take_over("auto2", proxy.freeze)
            self.nodes["auto1"].wait_log("no longer: its lease is over", after=lines)
            first = len(self.client.messages)
            proxy.flow()
            self.wait_new_claim(first, "standby", "auto1")
            state = self.client.wait_newest(STATE, lambda m: m.payload).json
            self.assertIn("source", state)
            self.wait_command("auto2", epoch)
            self.check_one_master()
            self.assertEqual(self.claim("auto2")["role"], "leader")
            self.ask("auto2", "handover", {})
            self.wait_claim("auto1", "leader", above=epoch)
            self.wait_command("auto1", epoch + 1)
        self.check_room()
        self.report("cut off")

    def test_after_a_restart_of_the_broker_one_leads(self):
        self.start_pair()
        for _ in range(REPEATS):
            count = len(self.client.messages)
            begin = time.monotonic()
            self.broker.restart()
            self.client.wait_connected()
            self.client.subscribe("edge/#")
            self.wait_new_claim(count, "leader")
            self.takeovers.append(time.monotonic() - begin)
            leaders = [n for n in self.nodes if self.claim(n)["role"] == "leader"]
            self.assertEqual(len(leaders), 1)
            self.wait_command(leaders[0], self.claim(leaders[0])["epoch"])
        self.check_one_master()
        self.check_room()
        self.report("broker restart")

    def ask(self, node, verb, payload):
        topic = f"{SITE}/{node}/response/{verb}"
        count = len(self.client.messages)
        self.client.publish(f"{SITE}/{node}/request/{verb}", {**payload, "transaction": "t"})
        return self.wait_after(count, lambda m: m.topic == topic).json

    def test_a_handover_bumps_nothing(self):
        self.start_pair(min_off=f"{MIN_OFF_S}s")
        self.client.publish(WISH, {"value": "ON", "for_s": 600})
        before = self.client.wait_newest(
            STATE, lambda m: m.json["target"] == "ON" and m.json["value"] == "ON"
            and m.json["source"] == "manual" and m.json["until"] > time.time() + 100
        ).json  # fmt: skip
        refusal = self.ask("auto2", "handover", {})
        self.assertEqual(refusal["status"], "error")
        self.assertIn("there", self.ask("auto1", "handover", {"to": "auto9"})["error"])
        first = len(self.client.messages)
        epoch = self.claim("auto1")["epoch"]
        begin = time.monotonic()
        self.assertEqual(self.ask("auto1", "handover", {"to": "auto2"})["status"], "ok")
        claim = self.wait_claim("auto2", "leader", above=epoch)
        self.takeovers.append(time.monotonic() - begin)
        after = self.wait_after(first, lambda m: m.topic == STATE and m.json["value"] == "ON").json
        self.assertEqual((after["target"], after["source"]), ("ON", "manual"))
        self.assertAlmostEqual(after["until"], before["until"], delta=1.5)
        values = {
            m.json["signals"]["Heater"]
            for m in self.client.messages[first:] if m.topic == COMMAND
        }  # fmt: skip
        self.assertLessEqual(values, {"On"})
        self.assertEqual(self.claim("auto1")["role"], "released")
        # Off and on again: the new leader knows how long it was off, because it was told so.
        self.client.publish(WISH, {"value": "OFF", "for_s": 60})
        off = self.client.wait_newest(STATE, lambda m: m.json["value"] == "OFF").json
        self.ask("auto2", "handover", {"to": "auto1"})
        self.wait_claim("auto1", "leader", above=claim["epoch"])
        first = len(self.client.messages)
        self.client.publish(WISH, {"value": "ON", "for_s": 60})
        on = self.wait_after(first, lambda m: m.topic == STATE and m.json["value"] == "ON").json
        self.assertGreater(on["since"] - off["since"], MIN_OFF_S - 0.5)
        self.check_one_master()
        self.report("handover")

    def test_an_orderly_stop_hands_over_at_once(self):
        self.start_pair()
        epoch = self.take_over("auto2", self.nodes["auto1"].stop)
        self.nodes["auto2"].wait_log("the leader gave it up")
        self.assertGreater(epoch, 0)
        self.report("stop")

    def test_a_wish_that_nobody_could_carry_out_is_not_lost(self):
        self.start_pair()
        self.nodes["auto1"].send(signal.SIGSTOP)
        self.client.publish(WISH, {"value": "ON", "for_s": 600})
        self.nodes["auto1"].kill()
        self.wait_claim("auto2", "leader")
        self.client.wait_newest(
            STATE, lambda m: m.json["target"] == "ON" and m.json["source"] == "manual"
        )
        self.nodes["auto2"].wait_log("a wish that came after the last sign.*granted")

    def test_a_gateway_remembers_who_led(self):
        self.start_gateway()
        ask = {"signals": {"Heater": "On"}, "transaction": "t"}
        response = f"{SITE}/gw1/response/set"

        def offer(master, status, words=""):
            count = len(self.client.messages)
            payload = {**ask, "master": master} if master else ask
            self.client.publish(COMMAND, payload)
            answer = self.wait_after(count, lambda m: m.topic == response).json
            self.assertEqual(answer["status"], status, answer)
            self.assertIn(words, answer.get("error", ""))

        offer({"group": "heating", "node": "auto2", "epoch": 7}, "ok")
        offer(None, "error", "only the leader of the group 'heating'")
        offer({"group": "light", "node": "auto2", "epoch": 9}, "error", "only the leader")
        self.client.wait_topic(FENCES)
        self.gateway.stop()
        self.gateway.start()
        self.client.wait_newest(f"{SITE}/gw1/status", lambda m: m.text == "online")
        offer({"group": "heating", "node": "auto1", "epoch": 6}, "error", "auto2 leads with epoch 7")
        offer({"group": "heating", "node": "auto1", "epoch": 7}, "error", "auto2 leads with epoch 7")
        offer({"group": "heating", "node": "auto1", "epoch": 8}, "ok")
        self.client.wait_newest(
            f"{SITE}/gw1/metrics", lambda m: m.json["commands"]["refused"]["stale_epoch"] == 2
        )
        self.assertEqual(
            self.newest(FENCES).json["groups"],
            [{"group": "heating", "node": "auto1", "epoch": 8}],
        )

    def test_two_nodes_that_are_no_group_do_not_share_a_device(self):
        self.start_node("auto1", 0)
        self.client.wait_topic(f"{SITE}/auto1/claim")
        self.start_node("auto2", 0)
        line = self.nodes["auto2"].wait_log("device 'heater' is claimed by both")
        self.assertIn("auto1", line)
        self.nodes["auto1"].wait_log("auto2 claims devices of auto1, too")
        conflicts = f"{SITE}/auto2/metrics"
        self.client.wait_newest(conflicts, lambda m: m.json["standby"]["conflicts"] == 1)
        first = len(self.client.messages)
        self.client.publish(WISH, {"value": "ON", "for_s": 60})
        self.wait_after(first, lambda m: m.topic == COMMAND)
        self.client.wait_newest(conflicts, lambda m: m.json["standby"]["withheld"] > 0)
        # The first one gives it up: the second drives it.
        path = self.directory / "auto1.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("  heater:", "  oven:").replace(
            "device: heater", "device: oven"), encoding="utf-8")  # fmt: skip
        self.nodes["auto1"].send(signal.SIGHUP)
        self.nodes["auto2"].wait_log("drives what is its own again")
        self.client.wait_newest(conflicts, lambda m: m.json["standby"]["conflicts"] == 0)

    def test_the_configuration_is_checked(self):
        self.configure("auto1", 1)
        path = self.directory / "auto1.yaml"
        text = path.read_text(encoding="utf-8")
        text = text.replace("store: {", "store: { enabled: no,")
        text = text.replace("    feedback: can0/Actuators/Heater\n", "")
        path.write_text(text, encoding="utf-8")
        process = self.start_process(
            [support.BIN_DIR / "automation-node", "check", "-c", path], name="check"
        )
        process.finish(expected=1)
        said = process.log + process.output
        self.assertIn("a group needs store.enabled: yes", said)
        self.assertIn("device 'heater' has no feedback", said)


if __name__ == "__main__":
    if LONG:
        sys.argv.remove("--long")
    support.main()
