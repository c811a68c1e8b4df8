"""The log of a running gateway: what repeats is limited, counted and told."""

import re

import gateway_support
from gateway_support import BUS

FLOOD = 200


class Rate(gateway_support.TestCase):
    def start(self, **rate):
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe("answers/#")
        limits = {"wishes": 0, "wishes_per_topic": 0}  # how fast this machine posts is not the question
        settings = gateway_support.configuration(self.broker.port, limits=limits)
        settings["log"] = {"rate": rate}
        self.gateway = self.start_gateway(settings)
        self.client.subscribe(f"{gateway_support.ROOT}/#").wait_topic(f"{gateway_support.ROOT}/status", "online")

    def flood(self):
        """Wishes for a message that cannot be: each is refused with one line, and an answer."""
        for _ in range(FLOOD):
            self.client.post(f"{BUS}/Nonsense/set", '{"signals":{"Heater":"On"}}', ResponseTopic="answers/wish")
        self.client.wait_for(lambda _: len(self.answers()) >= FLOOD)

    def answers(self):
        return [m for m in self.client.messages if m.topic == "answers/wish"]

    def lines(self):
        return len(re.findall(r"warning command: .*refused \(", self.gateway.log))

    def left_out(self):
        return sum(int(n) for n in re.findall(r"\.\.\. (\d+) lines like this were left out in", self.gateway.log))

    def test_what_a_flood_logs_is_limited_and_counted(self):
        self.start(burst=3, interval="1s")
        self.flood()
        self.gateway.stop()  # which tells the rest
        self.assertLess(self.lines(), FLOOD)
        self.assertGreaterEqual(self.lines() - self.sums(), 3)
        self.assertEqual(self.lines() - self.sums() + self.left_out(), FLOOD)

    def sums(self):
        """Lines that tell what was left out; they show the last one's text, too."""
        return len(re.findall(r"lines like this were left out in \d+ s, the last: ", self.gateway.log))

    def test_a_sum_is_told_while_the_gateway_runs(self):
        self.start(burst=1, interval="1s")
        self.flood()
        self.gateway.wait_log(r"warning command: \.\.\. \d+ lines like this were left out in 1 s, the last: Nonsense refused")

    def test_without_a_burst_every_line_is_there(self):
        self.start(burst=0)
        self.flood()
        self.gateway.stop()
        self.assertEqual(self.lines(), FLOOD)
        self.assertEqual(self.left_out(), 0)


if __name__ == "__main__":
    gateway_support.support.main()
