"""Old readings that arrive as if they were new: kept by a broker that lets nothing expire, sent again by a bridge or a
session that moved. The automation node must not act on them."""

import json
import time

import support
from test_automation import CLIMATE, CONFIG, SITE, STATE, WISH

PLAIN = f"{CLIMATE}/Temperature"
METRICS = f"{SITE}/auto1/metrics"


def reading(temperature, ts, seq=1):
    return json.dumps({"ts": ts, "seq": seq, "signals": {"Temperature": temperature}})


class OldReadingsTest(support.TestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe(f"{SITE}/#")

    def start_node(self, broker=""):
        path = self.directory / "automation.yaml"
        text = CONFIG.format(port=self.broker.port).replace("retry_min", f"{broker}retry_min")
        path.write_text(text, encoding="utf-8")
        node = self.start_process([support.BIN_DIR / "automation-node", "run", "-c", path])
        self.client.wait_newest(f"{SITE}/auto1/status", lambda m: m.text == "online")
        return node

    def wait_counted(self, counter, count):
        return self.client.wait_for(
            lambda m: m.topic == METRICS and m.json["readings"][counter] >= count
        )

    def wait_target(self, value, **expected):
        expected["target"] = value
        return self.client.wait_newest(
            STATE, lambda m: all(m.json.get(key) == word for key, word in expected.items())
        )

    def assert_never_heated(self):
        targets = {m.json["target"] for m in self.client.messages if m.topic == STATE}
        self.assertNotIn("ON", targets)

    def test_a_kept_reading_is_as_old_as_it_says(self):
        self.client.publish(CLIMATE, reading(15, time.time() - 60), retain=True)
        self.start_node()
        self.wait_counted("received", 1)
        self.wait_target("OFF", source="fail_safe")
        self.assert_never_heated()

    def test_a_kept_reading_from_the_future_has_no_age(self):
        self.client.publish(CLIMATE, reading(15, time.time() + 3600), retain=True)
        self.start_node()
        self.wait_counted("of_unknown_age", 1)
        self.assert_never_heated()

    def test_a_kept_plain_value_is_used_only_where_it_expires(self):
        self.client.publish(PLAIN, "15", retain=True)
        node = self.start_node()
        self.wait_counted("of_unknown_age", 1)
        self.assert_never_heated()
        node.stop()
        self.client.publish(PLAIN, "15", retain=True, MessageExpiryInterval=600)
        count = len(self.client.messages)
        self.start_node()
        self.client.wait_for(lambda m: m.topic == STATE and m.json["target"] == "ON")
        self.assertGreaterEqual(len(self.client.messages), count)

    def test_a_live_plain_value_is_used(self):
        self.start_node()
        self.client.publish(PLAIN, "15")
        self.wait_target("ON")

    def test_a_reading_that_is_sent_again_is_not_a_new_one(self):
        self.start_node()
        same = reading(15, time.time(), 7)
        self.client.publish(CLIMATE, same)
        self.wait_target("ON")
        count = len(self.client.messages)
        deadline = time.monotonic() + support.TIMEOUT_S
        while not any(m.topic == STATE and m.json["source"] == "fail_safe" for m in self.client.messages[count:]):
            self.client.publish(CLIMATE, same, retain=True)  # the flag is for those who come later
            self.assertLess(time.monotonic(), deadline, "it is kept fresh by what is sent again")
            time.sleep(0.1)
        self.wait_counted("repeated", 1)

    def test_an_older_reading_after_a_newer_one_changes_nothing(self):
        self.start_node()
        now = time.time()
        self.client.publish(CLIMATE, reading(15, now, 7))
        self.wait_target("ON")
        self.client.publish(CLIMATE, reading(25, now - 1, 6))
        self.wait_counted("repeated", 1)
        states = [m.json["target"] for m in self.client.messages if m.topic == STATE]
        self.assertEqual(states[-1], "ON")

    def test_no_wish_waits_for_a_node_where_none_expires(self):
        session = 'version: "3.1.1", session_expiry: 1h, '
        self.start_node(session).stop()
        self.client.publish(WISH, "ON")
        self.start_node(session)
        self.client.publish(WISH, "OFF")
        metrics = self.client.wait_newest(METRICS, lambda m: m.json["wishes"]["received"] >= 1)
        self.assertEqual(metrics.json["wishes"]["received"], 1)

    def test_a_gateway_that_returns_may_count_from_1(self):
        self.start_node()
        now = time.time()
        self.client.publish(CLIMATE, reading(25, now, 1000))
        self.client.publish(f"{SITE}/gw1/status", "offline")
        self.wait_target("OFF", source="fail_safe")
        self.client.publish(CLIMATE, reading(15, now - 1, 1))
        self.wait_target("ON")


if __name__ == "__main__":
    support.main()
