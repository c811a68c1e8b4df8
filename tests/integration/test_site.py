"""The profiles site, bridge and centre at real brokers: who gets in, what the daemons do under their roles, what
crosses a bridge."""

import json
import shutil
import socket
import ssl
import time
import urllib.request

import mqtt5
import paho.mqtt.client as paho
import site_support
import support
import yaml
from site_support import SITE

EXAMPLES = support.SOURCE_DIR / "examples"
DEMO = "edge/demo"
QUEUED = 2000


class Listeners(site_support.TestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.new_broker()
        self.broker.add_node("gw1", "gateway")
        self.broker.add_user("ann", "viewer", "secret")
        self.broker.start()
        self.ports = (self.broker.port, self.broker.password_port, self.broker.websocket_port)

    def greet(self, port, context):
        """The TLS version that was agreed on."""
        with socket.create_connection((support.HOST, port), timeout=support.TIMEOUT_S) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secured:
                return secured.version()

    def test_each_speaks_tls_1_2_and_1_3_and_nothing_older(self):
        for port in self.ports:
            for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
                context = self.pki.context("gw1")
                context.minimum_version = context.maximum_version = version
                self.assertEqual(self.greet(port, context), name, port)
            old = self.pki.context("gw1")
            old.set_ciphers("ALL:@SECLEVEL=0")
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
            with self.assertRaises(OSError):
                self.greet(port, old)

    def test_a_node_without_a_certificate_is_not_heard(self):
        with self.assertRaises(OSError):
            mqtt5.Client(self.broker.port, username="ann", password="secret", tls=self.pki.context())

    def test_a_certificate_of_another_ca_is_not_heard(self):
        other = site_support.Pki(self.directory / "other")
        context = self.pki.context()
        context.load_cert_chain(*map(str, other.node("gw1")))
        with self.assertRaises(OSError):
            mqtt5.Client(self.broker.port, tls=context)

    def test_a_server_is_no_node(self):
        context = self.pki.context()
        server = self.pki.directory / "server/localhost"
        context.load_cert_chain(f"{server}.crt", f"{server}.key")
        with self.assertRaises(OSError):
            mqtt5.Client(self.broker.port, tls=context)

    def test_a_revoked_node_is_not_heard_after_a_reload(self):
        self.broker.add_node("stolen", "gateway")
        self.broker.reload()
        context = self.pki.context("stolen")
        mqtt5.Client(self.broker.port, tls=context).close()
        self.pki.run("revoke", "stolen")
        self.broker.take_certificates(self.pki)
        self.broker.reload()
        with self.assertRaises(OSError):
            mqtt5.Client(self.broker.port, tls=context)
        self.connect(self.broker, "gw1")

    def test_a_renewed_server_certificate_is_used_after_a_reload(self):
        def serial():
            with socket.create_connection((support.HOST, self.broker.password_port)) as plain:
                with self.pki.context().wrap_socket(plain, server_hostname="localhost") as secured:
                    return secured.getpeercert()["serialNumber"]

        before = serial()
        client = self.connect(self.broker, "ann", "secret")
        self.pki.run("renew", "localhost")
        self.broker.take_certificates(self.pki)
        self.broker.reload()
        self.assertNotEqual(serial(), before)
        self.assertLess(client.subscribe(f"edge/{SITE}/#"), mqtt5.FAILURE)  # was not disturbed

    def test_the_page_comes_by_https_and_connects_by_websocket(self):
        url = f"https://localhost:{self.broker.websocket_port}/"
        with urllib.request.urlopen(url, timeout=support.TIMEOUT_S, context=self.pki.context()) as answer:
            self.assertEqual(answer.read(), (support.SOURCE_DIR / "dashboard/dist/index.html").read_bytes())
        for password, reason in (("secret", 0), ("wrong", mqtt5.DENIED)):
            client = paho.Client(transport="websockets", protocol=paho.MQTTv5)
            client.tls_set_context(self.pki.context())
            client.username_pw_set("ann", password)
            answers = []
            client.on_connect = lambda _c, _u, _f, code, _p, answers=answers: answers.append(code.value)
            client.connect("localhost", self.broker.websocket_port)
            for _ in range(200):
                client.loop(0.1)
                if answers:
                    break
            client.disconnect()
            self.assertEqual(answers, [reason])


class Daemons(site_support.TestCase):
    """Gateway and automation node of the examples with the rights of their roles, and people beside them."""

    def setUp(self):
        super().setUp()
        self.broker = self.new_broker()
        demo = ("--site", "demo")
        self.broker.add_node("gw1", "gateway", *demo)
        self.broker.add_node("auto1", "automation", *demo, "--write", "demo/log")
        self.broker.add_user("ann", "dashboard,operator", "ann's", *demo)
        self.broker.add_user("home", "homeassistant", "ha", *demo)
        self.broker.add_user("mo", "maintainer", "m", *demo)
        self.broker.start()
        self.home = self.connect(self.broker, "home", "ha")
        self.home.subscribe("homeassistant/#")
        self.ann = self.connect(self.broker, "ann", "ann's")
        self.ann.subscribe("edge/#")
        for program, file, node in (
            ("edge-gateway", "gateway.yaml", "gw1"), ("automation-node", "automation.yaml", "auto1")
        ):  # fmt: skip
            settings = yaml.safe_load((EXAMPLES / file).read_text())
            certificate, key = map(str, self.pki.node(node))
            tls = {"ca": str(self.pki.ca), "certificate": certificate, "key": key}
            settings["broker"] = {"address": "localhost", "port": self.broker.port, "tls": tls}
            settings["metrics_interval"] = "500ms"
            if program == "edge-gateway":
                bus = settings["buses"]["can0"]
                bus["dbc"] = str(EXAMPLES / "greenhouse.dbc")
                bus["commands"] = {name: keys or {} for name, keys in bus["commands"].items()}
                settings["alarms"]["always"] = {"signal": "can0/Climate/Temperature", "low": "90 °C"}
            (self.directory / file).write_text(yaml.safe_dump(settings, allow_unicode=True))
            self.start_process([support.BIN_DIR / program, "run", "-c", file])

    def wait(self, topic, part=""):
        found = self.ann.wait_for(lambda t, payload: t == topic and part in payload.decode())
        return json.loads(found[1]) if found[1].startswith(b"{") else found[1]

    def refused(self, metrics):
        return json.loads(metrics)["mqtt"]["refused"]

    def ask(self, client, topic, response_topic, payload=b"{}"):
        client.received.clear()
        self.assertEqual(client.publish(topic, payload, response_topic=response_topic), 0)

    def test_everything_works_and_nothing_is_denied(self):
        self.wait(f"{DEMO}/gw1/status", "online")
        self.wait(f"{DEMO}/auto1/status", "online")
        self.wait(f"{DEMO}/gw1/can/can0/Climate", "Temperature")
        # A wish: node, gateway, bus and back.
        self.assertEqual(self.ann.publish(f"{DEMO}/devices/vent/set", b'{"value":40,"for_s":600}'), 0)
        self.wait(f"{DEMO}/gw1/can/can0/VentCommand/set", '"Position":40')
        self.wait(f"{DEMO}/devices/vent/state", '"value":40')
        # An alarm, acknowledged.
        self.wait(f"{DEMO}/gw1/alarms/always", "active_unack")
        self.assertEqual(self.ann.publish(f"{DEMO}/gw1/alarms/always/set", b'{"action":"ack","by":"Ann"}'), 0)
        self.wait(f"{DEMO}/gw1/alarms/always", "active_ack")
        # Questions to both, answered to her alone, and by the shared topic.
        own = f"{DEMO}/answers/ann/page-1"
        question = b'{"signal":"can0/Climate/Temperature","last_s":60}'
        self.ask(self.ann, f"{DEMO}/gw1/request/history", own, question)
        self.assertEqual(self.wait(own, "can0/Climate/Temperature")["status"], "ok")
        self.ask(self.ann, f"{DEMO}/auto1/request/explain", own, b'{"device":"vent"}')
        self.assertEqual(self.wait(own, "vent")["status"], "ok")
        self.ask(self.ann, f"{DEMO}/gw1/request/catalog", None)
        self.assertEqual(self.wait(f"{DEMO}/gw1/response/catalog", "data")["status"], "ok")
        self.assertEqual(self.ann.publish(f"{DEMO}/auto1/request/reload", b"{}"), mqtt5.DENIED)
        mo = self.connect(self.broker, "mo", "m")
        mo.subscribe(f"{DEMO}/answers/mo/+")
        self.ask(mo, f"{DEMO}/auto1/request/reload", f"{DEMO}/answers/mo/1")
        mo.wait_for(lambda topic, payload: b'"status":"ok"' in payload)
        # Home Assistant learns of both, and says that it has started.
        for node in ("gw1", "auto1"):
            self.home.wait_for(lambda t, _, node=node: t == f"homeassistant/device/{node}/demo_{node}/config")
        self.home.received.clear()
        self.assertEqual(self.home.publish("homeassistant/status", b"online"), 0)
        self.home.wait_for(lambda t, _: t == "homeassistant/device/gw1/demo_gw1/config")
        denied_to_ann = [line for line in self.broker.denials if "request/reload" in line]
        self.assertEqual(self.broker.denials, denied_to_ann)
        self.assertEqual(len(denied_to_ann), 1)
        for node in ("gw1", "auto1"):
            self.ann.received.clear()
            _, metrics = self.ann.wait_for(lambda t, _, node=node: t == f"{DEMO}/{node}/metrics")
            self.assertEqual(self.refused(metrics), 0)

    def test_nobody_makes_a_node_publish_where_they_may_not(self):
        self.wait(f"{DEMO}/gw1/status", "online")
        self.wait(f"{DEMO}/auto1/status", "online")
        question = {"gw1": "catalog", "auto1": "rules"}
        for node, verb in question.items():
            # Topics of the tree, which the node itself may write: it answers elsewhere.
            for trap in (f"{DEMO}/gw1/can/can0/VentCommand/set", f"{DEMO}/{node}/status"):
                self.ask(self.ann, f"{DEMO}/{node}/request/{verb}", trap)
                self.wait(f"{DEMO}/{node}/response/{verb}", "data")
                self.assertEqual([m for m in self.ann.received if m[0] == trap], [])
            self.ask(self.ann, f"{DEMO}/{node}/request/{verb}", f"homeassistant/device/{node}/trap/config")
            self.wait(f"{DEMO}/{node}/response/{verb}", "data")
            # Foreign topics: the broker denies them, and the node counts that.
            self.ask(self.ann, f"{DEMO}/{node}/request/{verb}", "zigbee2mqtt/lamp/set")
            self.ann.wait_for(
                lambda t, payload, node=node: t == f"{DEMO}/{node}/metrics" and self.refused(payload) > 0
            )
        self.assertNotIn("/trap/config", self.broker.log)
        denied = "\n".join(self.broker.denials)
        self.assertIn("gw1", denied)
        self.assertIn("auto1", denied)
        self.assertEqual(denied.count("zigbee2mqtt/lamp/set"), len(self.broker.denials))


class Bridge(site_support.TestCase):
    """A site bridged to a centre."""

    def setUp(self):
        super().setUp()
        self.centre = self.new_broker(profile="centre")
        self.centre.add_node("bridge-home", "bridge")
        self.centre.add_user("store", "sink", "s", "--site", "+")
        self.centre.add_user("boss", "viewer,dashboard,operator,maintainer", "b")
        self.centre.start()
        options = ("--centre", f"{support.HOST}:{self.centre.port}", "--site", SITE, "--name", "bridge-home")
        self.site = self.new_broker(profile="bridge", options=options)
        certificate, key = self.pki.node("bridge-home")
        for source, target in ((self.pki.ca, "centre-ca.crt"), (certificate, "bridge.crt"), (key, "bridge.key")):
            shutil.copy(source, self.site.certs / target)
        self.site.add_node("gw1", "gateway")
        self.site.add_user("ann", "viewer,dashboard", "a")
        self.site.start()
        self.gateway = self.connect(self.site, "gw1")
        self.boss = self.connect(self.centre, "boss", "b")
        self.boss.subscribe("#")
        self.gateway.subscribe("#")
        self.wait_bridged()

    def wait_bridged(self):
        """Until a message has crossed in each direction."""
        info, wish = f"edge/{SITE}/gw1/info", f"edge/{SITE}/gw1/alarms/x/set"
        deadline = time.monotonic() + support.TIMEOUT_S
        while self.boss.hears(lambda topic, _: topic == info, 0.2) is None:
            self.assertLess(time.monotonic(), deadline, self.site.log)
            self.gateway.publish(info, b"{}")
        while self.gateway.hears(lambda topic, _: topic == wish, 0.2) is None:
            self.assertLess(time.monotonic(), deadline, self.site.log)
            self.boss.publish(wish, b"ack")

    def count(self, client, topic):
        return len([payload for t, payload in client.received if t == topic])

    def test_what_nodes_say_goes_out_once_and_what_they_are_told_comes_in_once(self):
        out = [f"edge/{SITE}/gw1/{rest}" for rest in (
            "status", "metrics", "event", "catalog", "can/can0/state", "can/can0/Climate", "alarms/hot",
            "can/can0/Climate/Temperature", "alarms/event", "response/history",
        )]  # fmt: skip
        self.gateway.publish_all([(topic, b"x") for topic in out])
        self.boss.wait_for(lambda topic, _: topic == out[-1])
        self.assertEqual({topic: self.count(self.boss, topic) for topic in out}, dict.fromkeys(out, 1))
        inward = [f"edge/{SITE}/gw1/alarms/hot/set", f"edge/{SITE}/gw1/request/history"]
        self.boss.publish_all([(topic, b"y") for topic in inward])
        self.gateway.wait_for(lambda topic, _: topic == inward[-1])
        self.assertEqual({topic: self.count(self.gateway, topic) for topic in inward}, dict.fromkeys(inward, 1))
        self.assertEqual(self.centre.denials, [])

    def test_a_command_given_at_the_site_is_not_given_twice(self):
        command = f"edge/{SITE}/gw1/can/can0/Vent/set"
        self.gateway.publish(command, b"{}")  # passes as a signal of its own, too
        self.gateway.publish(f"edge/{SITE}/gw1/event", b"end")
        self.boss.wait_for(lambda topic, payload: payload == b"end")
        self.boss.publish(f"edge/{SITE}/gw1/request/history", b"end")
        self.gateway.wait_for(lambda topic, payload: payload == b"end" and "request" in topic)
        self.assertEqual(self.count(self.gateway, command), 1)

    def test_what_the_centre_misses_comes_when_it_is_back(self):
        topic = f"edge/{SITE}/gw1/backfill/can0/Climate"
        self.centre.stop()
        self.gateway.publish_all([(topic, b"%d" % i) for i in range(QUEUED)])
        self.centre.start()
        store = self.connect(self.centre, "store", "s")
        store.subscribe("edge/+/+/backfill/+/+")
        store.subscribe("edge/+/+/event")
        self.gateway.publish(f"edge/{SITE}/gw1/event", b"end")
        store.wait_for(lambda t, payload: payload == b"end")
        # What came before the store was there has passed it by: the rest is whole and in order.
        seen = [int(payload) for t, payload in store.received if t == topic]
        self.assertEqual(seen, list(range(seen[0], QUEUED)))

    def test_the_centre_knows_whether_a_bridge_is_there(self):
        state = "$SYS/broker/connection/bridge-home/state"
        self.centre.add_user("root", "viewer", "r", "--read", "$SYS/#")
        self.centre.reload()
        root = self.connect(self.centre, "root", "r")
        root.subscribe(state)
        root.wait_for(lambda topic, payload: (topic, payload) == (state, b"1"))
        self.site.kill()
        root.wait_for(lambda topic, payload: (topic, payload) == (state, b"0"))


class Rendered(support.TestCase):
    def render(self, *words, expected=0):
        return site_support.run(site_support.RENDER, *words, expected=expected)

    def test_profiles_share_all_but_access_and_listeners(self):
        local, site = self.render(), self.render("--profile", "site")
        start, end = local.index("# --- Limits"), local.index("# --- Access")
        self.assertIn(local[start:end], site)
        for word in ("allow_anonymous true", "127.0.0.1"):
            self.assertNotIn(word, site)
        for text in (local, site, self.render("--profile", "centre")):
            self.assertNotRegex(text, r"(?m)^per_listener_settings")

    def test_a_bridge_has_the_topics_of_its_role(self):
        text = self.render("--profile", "bridge", "--centre", "c.example", "--site", "farm", "--name", "b1")
        self.assertIn("address c.example:8883\nremote_clientid b1\n", text)
        self.assertIn("topic edge/farm/+/backfill/+/+ out 1\n", text)
        self.assertIn("topic edge/farm/devices/+/set in 1\n", text)
        self.assertIn("cleansession false\n", text)
        self.assertIn("\nmax_queued_messages 1000000\n", text)
        self.assertNotIn("max_queued_messages 100000\n", text)

    def test_wrong_calls_say_how(self):
        for words in (
            ["--profile", "other"], ["--profile", "bridge"], ["--profile", "site", "--centre", "x"],
            ["--password-port", "1"], ["--port", "x"], ["--profile"], ["--profile", "bridge", "--centre", "a b",
             "--site", "s", "--name", "n"],
        ):  # fmt: skip
            self.assertIn("usage:", self.render(*words, expected=2), words)


if __name__ == "__main__":
    support.main()
