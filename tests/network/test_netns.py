"""The faults of netns.py do to TCP what they are called after."""

import subprocess
import sys
import unittest

import netns

SERVER = """
import socket
server = socket.create_server(("", 7))
print(flush=True)
while True:
    client, _ = server.accept()
    client.sendall(client.recv(100))
    client.close()
"""
CLIENT = """
import errno, socket, sys
try:
    with socket.create_connection((sys.argv[1], 7), timeout=float(sys.argv[2])) as client:
        client.sendall(b"x" * 100)
        print("answered" if client.recv(100) else "closed")
except TimeoutError:
    print("silence")
except OSError as error:
    print(errno.errorcode[error.errno])
"""
PATIENCE_S = 0.5  # for what never comes
ENOUGH_S = 20  # for what does


class FaultsTest(unittest.TestCase):
    def setUp(self):
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.near, self.far = self.network.host("near"), self.network.host("far")
        argv = self.far.command([sys.executable, "-c", SERVER])
        server = subprocess.Popen(argv, stdout=subprocess.PIPE)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        server.stdout.readline()

    def ask(self, patience_s=ENOUGH_S):
        return self.near.run(sys.executable, "-c", CLIENT, self.far.address, patience_s).strip()

    def test_each_fault_shows_and_is_healed(self):
        self.assertEqual(self.ask(), "answered")
        silence, unreachable = ("silence",), ("EHOSTUNREACH", "ENETUNREACH")
        faults = (
            (self.far.drop, silence),
            (self.far.reset, ("ECONNREFUSED", "ECONNRESET")),
            (self.far.unplug, unreachable + silence),
            (self.near.disable, unreachable),
        )
        for fault, expected in faults:
            with self.subTest(fault.__name__):
                fault()
                patience_s = PATIENCE_S if "silence" in expected else ENOUGH_S
                self.assertIn(self.ask(patience_s), expected)
                fault.__self__.heal()
                self.assertEqual(self.ask(), "answered")

    def test_a_lossy_link_and_a_slow_one_still_answer(self):
        self.far.drop(0.1)
        self.near.slow()
        self.assertEqual(self.ask(), "answered")
        self.far.heal()
        self.near.heal()
        self.assertNotIn("tbf", self.near.run("tc", "qdisc", "show", "dev", "eth0"))

    def test_every_host_has_a_network_of_its_own(self):
        self.assertNotIn(self.far.address, self.near.run("ip", "address"))
        self.assertRaises(ValueError, self.network.host, "near")


if __name__ == "__main__":
    reason = netns.missing()
    if reason is not None:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
