"""One database file for both daemons, or one for each: both write, and neither loses anything."""

import sqlite3

import gateway_support
import support
import yaml

NODE_PROGRAM = support.BIN_DIR / "automation-node"
EXAMPLE = support.SOURCE_DIR / "examples/automation.yaml"


class Shared(gateway_support.TestCase):
    def start_both(self, gateway_file, node_file):
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe("edge/#")
        settings = gateway_support.configuration(self.broker.port)
        settings["store"] = {"file": str(self.directory / gateway_file)}
        self.gateway = self.start_gateway(settings)
        node = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
        node["broker"] = {"address": support.HOST, "port": self.broker.port}
        node["metrics_interval"] = "200ms"
        node["store"] = {"file": str(self.directory / node_file)}
        path = self.write_configuration(node, "automation.yaml")
        self.node = self.start_process([NODE_PROGRAM, "run", "-c", path])

    def query(self, name, sql):
        with sqlite3.connect(f"file:{self.directory / name}?mode=ro", uri=True) as db:
            return db.execute(sql).fetchall()

    def work(self):
        """Wishes to a device while frames are logged; then both daemons end in order."""
        # Who publishes has subscribed before, on the same connection.
        self.client.wait_for(lambda m: m.topic == "edge/demo/devices/vent/state")
        for number in range(10):
            self.client.publish("edge/demo/devices/vent/set", str(10 * number))
        self.client.wait_for(
            lambda m: m.topic == "edge/demo/auto1/metrics" and m.json["store"]["written"] >= 10
        )
        self.wait_metrics(lambda m: m["store"]["frames"] >= 200)
        self.node.stop()
        self.gateway.stop()

    def check(self, gateway_file, node_file):
        decisions = self.query(
            node_file, "SELECT target, source FROM control_history WHERE device = 'vent'"
        )
        self.assertIn(("90", "manual"), decisions)
        states = self.query(node_file, "SELECT device, target FROM device_states")
        self.assertIn(("vent", "90"), states)
        ((segments, seqs),) = self.query(
            gateway_file, "SELECT count(*), sum(last_seq - first_seq + 1) FROM segments"
        )
        self.assertGreater(segments, 1)
        self.assertGreaterEqual(seqs, 200)
        metrics = [m.json for m in self.client.messages if m.topic == f"{gateway_support.ROOT}/metrics"]
        self.assertEqual(metrics[-1]["store"]["failed_commits"], 0)
        self.assertEqual(sum(metrics[-1]["readings"]["dropped"].values()), 0)

    def test_one_file(self):
        self.start_both("edge.db", "edge.db")
        self.work()
        self.check("edge.db", "edge.db")
        self.assertEqual(self.query("edge.db", "PRAGMA integrity_check"), [("ok",)])

    def test_a_file_for_each(self):
        self.start_both("edge.db", "automation.db")
        self.work()
        self.check("edge.db", "automation.db")


if __name__ == "__main__":
    support.main()
