"""The short form of scripts/test-network: one fault of each kind, none of them long."""

import os
import sys
import tempfile
import unittest

import campaign
import netns

FAULTS = 8
MAX_S = 2.0


class CampaignTest(unittest.TestCase):
    def test_one_fault_of_each_kind_loses_nothing(self):
        seed = int(os.environ.get("EDGE_NETWORK_SEED", "1"))
        with tempfile.TemporaryDirectory(prefix="edge-network-") as directory:
            report = campaign.run(seed, FAULTS, "mosquitto", MAX_S, directory)
        print(campaign.summary(report))
        self.assertEqual(report.problems, [], f"seed {seed}")
        self.assertGreater(report.verdict.sent, 0)
        self.assertEqual(sum(len(incident.faults) for incident in report.incidents), FAULTS)


if __name__ == "__main__":
    reason = netns.missing()
    if reason is not None:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
