"""The support itself: what it promises to notice, and to clean up."""

import os
import select
import signal
import subprocess
import sys
import unittest

import support


class Processes(support.TestCase):
    def shell(self, script, name="daemon"):
        return self.start_process(["sh", "-c", script], name=name)

    def test_a_log_line_is_waited_for(self):
        process = self.shell("echo ready >&2; exec tail -f /dev/null")
        self.assertEqual(process.wait_log("^ready$"), "ready")
        process.stop(expected=-signal.SIGTERM)

    def test_an_end_without_the_log_line_fails_at_once(self):
        process = self.shell("echo other >&2")
        with self.assertRaisesRegex(AssertionError, "ended without 'ready'"):
            process.wait_log("ready", timeout=3600)

    def test_a_wrong_exit_code_is_noticed(self):
        with self.assertRaisesRegex(AssertionError, "ended with 3, not 0"):
            self.shell("exit 3").finish()

    def test_a_sanitizer_report_is_noticed(self):
        process = support.Process(
            ["sh", "-c", "echo '==1==ERROR: AddressSanitizer: heap-use-after-free' >&2"],
            self.directory,
        )
        with self.assertRaisesRegex(AssertionError, "sanitizer report"):
            process.start().finish()

    def test_kill_takes_the_grandchildren_too(self):
        process = self.shell("tail -f /dev/null & echo child $! >&2; wait")
        grandchild = int(process.wait_log("child").split()[1])
        process.kill()
        self.assert_gone(grandchild)

    def test_children_die_with_the_test(self):
        script = (
            "import support, os, signal\n"
            "argv = ['sh', '-c', 'echo up >&2; exec tail -f /dev/null']\n"
            f"p = support.Process(argv, {str(self.directory)!r}).start()\n"
            "p.wait_log('up')\n"
            "print(p.process.pid, flush=True)\n"
            "os.read(0, 1)\n"
        )
        tester = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            cwd=support.SOURCE_DIR / "tests/integration",
        )  # fmt: skip
        self.addCleanup(tester.kill)
        child = int(tester.stdout.readline())
        tester.stdin.close()
        tester.kill()
        tester.wait()
        tester.stdout.close()
        self.assert_gone(child)

    def assert_gone(self, pid):
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        with os.fdopen(descriptor) as handle:
            poller = select.poll()
            poller.register(handle, select.POLLIN)
            self.assertTrue(poller.poll(10_000), f"process {pid} is alive")




class Clients(support.TestCase):
    def test_messages_carry_retain_and_properties(self):
        broker = self.start_broker()
        client = self.start_client(broker)
        client.publish("a/b", {"x": 1}, retain=True, ResponseTopic="r", MessageExpiryInterval=60)
        client.subscribe("a/#")
        message = client.wait_topic("a/b")
        self.assertEqual(message.json, {"x": 1})
        self.assertTrue(message.retain)
        self.assertEqual(message.properties.ResponseTopic, "r")

    def test_a_missing_message_fails_and_says_what_came(self):
        client = self.start_client(self.start_broker())
        client.subscribe("#")
        client.publish("other", "text")
        client.wait_topic("other")
        with self.assertRaisesRegex(AssertionError, "no such message.*\n.*other b'text'"):
            client.wait_topic("wanted", timeout=0.05)

    def test_a_will_follows_a_kill_of_the_connection(self):
        broker = self.start_broker()
        watcher = self.start_client(broker)
        watcher.subscribe("node/status")
        dying = support.Client(broker.port).will("node/status", "offline").start()
        dying.paho.loop_stop()
        dying.paho.socket().close()
        watcher.wait_topic("node/status", "offline")


class Ports(unittest.TestCase):
    def test_are_never_given_twice(self):
        ports = [support.free_port() for _ in range(50)]
        self.assertEqual(len(set(ports)), 50)


if __name__ == "__main__":
    support.main()
