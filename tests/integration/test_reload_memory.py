"""Many reloads leave nothing behind: after the last, the gateway has the memory that it had after the fortieth.

Edits go round in a circle of five, each with another DBC file of 300 messages; memory is compared after whole rounds.
What cannot be reached any more at the end is told by the sanitizer of the debug build. The gateway is asked by SIGHUP.
EDGE_RELOADS=200 makes it longer (default 80), EDGE_RELOAD_MESSAGES=2000 makes the DBC file larger.
"""

import os
import re
import signal
from pathlib import Path

import gateway_support
import support
from gateway_support import PROGRAM, ROOT, configuration, simulated_bus

RELOADS = int(os.environ.get("EDGE_RELOADS", "80"))
MESSAGES = int(os.environ.get("EDGE_RELOAD_MESSAGES", "300"))
TIMEOUT_S = 120
ROUND = 5
# Reloads, until what is kept for reuse is there: the sanitizer's allocator has its pages for each size of block.
SETTLED = 40
# A plan of 300 messages that stayed would take 600 KiB each time; the allocator alone went up and down by 5 MiB.
NOISE_KIB = 10240


def dbc(factor):
    lines = ['VERSION ""', "BU_: X"]
    for i in range(MESSAGES):
        lines.append(f"BO_ {1 << 31 | 256 + i} Message{i}: 8 X")
        lines += [f' SG_ Signal{n} : {6 * n}|6@1+ ({factor},-10) [0|0] "V" X' for n in range(10)]
    return "\n".join(lines) + "\n"


class ReloadMemory(gateway_support.TestCase):
    def settings(self, n):
        """The n-th of the circle."""
        step = n % ROUND
        self.dbc.write_text(dbc(step + 1))
        large = {**simulated_bus(), "commands": {}, "dbc": [str(gateway_support.GREENHOUSE_DBC), str(self.dbc)]}
        large["defaults"] = {"min_interval": f"{10 * step}ms", "max_interval": "2s"}
        settings = configuration(self.broker.port, large)
        settings["store"] = {"file": str(self.directory / "log.db")}
        settings["log"] = {"rate": {"burst": 0}}  # each reload is told
        settings["home_assistant"] = {"enabled": step == 3}
        if step in (1, 2):
            settings["buses"]["can1"] = simulated_bus()
        if step in (2, 4):
            settings["alarms"] = {"warm": {"signal": "can0/Climate/Temperature", "high": "-40 °C", "text": "warm"}}
        return settings

    def reload(self, n):
        """How long the loop stood still for it, in ms."""
        self.write_configuration(self.settings(n), "edge-gateway.yaml")
        before = len(self.gateway.log.splitlines())
        self.gateway.send(signal.SIGHUP)
        line = self.gateway.wait_log("reloaded: |not reloaded", after=before, timeout=TIMEOUT_S)
        took = re.search(r"reloaded: .* ([0-9.]+) ms of the loop", line)
        self.assertIsNotNone(took, line)
        return float(took.group(1))

    def memory_kib(self):
        status = Path(f"/proc/{self.gateway.process.pid}/status").read_text()
        return int(status.split("RssAnon:")[1].split()[0])

    def test_memory_is_flat(self):
        self.broker = self.start_broker()
        self.dbc = self.directory / "large.dbc"
        client = self.start_client(self.broker).subscribe(f"{ROOT}/status")
        path = self.write_configuration(self.settings(0), "edge-gateway.yaml")
        self.gateway = self.start_process(
            [PROGRAM, "run", "-c", path],
            name="edge-gateway",
            # What is freed is free at once.
            environment={"ASAN_OPTIONS": "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"},
        )
        client.wait_topic(f"{ROOT}/status", "online", timeout=TIMEOUT_S)
        took, sizes = [], {}
        for n in range(1, RELOADS + 1):
            took.append(self.reload(n))
            if n % ROUND == 0:
                sizes[n] = self.memory_kib()
        print(f"{RELOADS} reloads of {MESSAGES} messages; memory in KiB after n: {sizes}", flush=True)
        print(f"the loop stood still for {sorted(took)[len(took) // 2]} ms, at most {max(took)} ms", flush=True)
        self.assertLess(sizes[RELOADS // ROUND * ROUND], sizes[SETTLED] + NOISE_KIB)
        self.gateway.stop(timeout=TIMEOUT_S)


if __name__ == "__main__":
    support.main()
