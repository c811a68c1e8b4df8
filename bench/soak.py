"""scripts/soak: feeds, samples and judges. The arithmetic is pure; test_soak.py has its tests."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import results

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/integration"))
import support  # noqa: E402

IDS = 50
BLOCK = 5000  # frames in one write
PENDING_MAX = 100_000  # readings that nobody acknowledged yet: then the feeder waits
WARM_UP_SHARE, WARM_UP_MAX_S = 1 / 6, 3600
HOUR_S = 3600
SLOPE_MAX_KB_PER_H = 1.0  # resident memory, where an hour and more was measured after the warm-up
WAL_MAX_BYTES = 32 << 20
SETTLE_S = 300
GATEWAY, NODE = "edge/soak/gw", "edge/soak/auto"
TARGETS = ["edge-gateway", "automation-node", "lane_consumer"]

DBC = 'VERSION ""\nBU_: X\n' + "".join(
    f"BO_ {256 + i} M{i}: 8 X\n"
    f' SG_ A : 0|16@1+ (0.01,0) [0|0] "V" X\n SG_ B : 16|16@1+ (0.5,-40) [0|0] "C" X\n'
    for i in range(IDS)
)


# ---- the arithmetic


def slope(points):
    """Of the straight line through (x, y) with the least squares; None for fewer than two different x."""
    count = len(points)
    if count < 2:
        return None
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0:
        return None
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def after_warm_up(samples, warm_up_s):
    return [sample for sample in samples if sample["at_s"] >= warm_up_s]


def per_hour(samples, process, key):
    """How much a figure of a process grows in an hour."""
    found = slope([(s["at_s"] / HOUR_S, s["processes"][process][key]) for s in samples])
    return None if found is None else round(found, 2)


def verdicts(result):
    """What does not hold, in words."""
    found = []
    for key in ("lost", "conflicts"):
        if result[key] != 0:
            found.append(f"{key}: {result[key]}")
    for process, figures in result["processes"].items():
        if figures["descriptors_last"] > figures["descriptors_first"]:
            found.append(f"{process} has {figures['descriptors_last']} descriptors, at first {figures['descriptors_first']}")
        grows = figures["rss_kb_per_h"]
        if process in ("gateway", "automation") and result["measured_s"] >= HOUR_S and grows > SLOPE_MAX_KB_PER_H:
            found.append(f"{process} grows by {grows} kB an hour")
    if result["wal_max_bytes"] > WAL_MAX_BYTES:
        found.append(f"the WAL had {result['wal_max_bytes']} bytes")
    return found


def summarise(samples, warm_up_s, consumer, seconds):
    late = after_warm_up(samples, warm_up_s) or samples[-2:]
    processes = {}
    for name in late[-1]["processes"]:
        rows = [sample["processes"][name] for sample in late]
        processes[name] = {
            "rss_kb_first": rows[0]["rss_kb"],
            "rss_kb_last": rows[-1]["rss_kb"],
            "rss_kb_per_h": per_hour(late, name, "rss_kb"),
            "descriptors_first": rows[0]["descriptors"],
            "descriptors_last": rows[-1]["descriptors"],
        }
    figures = [sample["gateway"] for sample in samples]
    frames = figures[-1]["received"]
    return {
        "frames": frames,
        "seconds": round(seconds),
        "frames_per_second": round(frames / seconds),
        "warm_up_s": round(warm_up_s),
        "measured_s": round(late[-1]["at_s"] - late[0]["at_s"]),
        "lost": consumer["missing"] + consumer["gaps"],
        "conflicts": consumer["conflicts"],
        "repeated": consumer["repeated"],
        "wal_max_bytes": max(f["wal_bytes"] for f in figures),
        "waiting_max_bytes": max(f["waiting_bytes"] for f in figures),
        "pending_max": max(f["pending"] for f in figures),
        "answer_max_ms": max(sample["answer_ms"] for sample in samples),
        "processes": processes,
    }


# ---- what runs


def block():
    lines = []
    for i in range(BLOCK):
        data = (i * 2654435761 & 0xFFFFFFFF).to_bytes(4, "little").hex().upper() + "00000000"
        lines.append(f"(1700000000.{i:06d}) can0 {256 + i % IDS:03X}#{data}\n")
    return "".join(lines).encode()


class Feeder(threading.Thread):
    """Frames into a named pipe, as fast as they are taken or at a rate, but not faster than they are acknowledged."""

    def __init__(self, path, frames, rate):
        super().__init__(daemon=True)
        self._pipe = os.open(path, os.O_RDWR)
        self._frames, self._rate = frames, rate
        self.ended = threading.Event()
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.sent = 0

    def run(self):
        piece, due_s = block(), time.monotonic()
        while not self.ended.is_set() and (self._frames is None or self.sent < self._frames):
            self.may_go_on.wait(1)
            if not self.may_go_on.is_set():
                continue
            left = memoryview(piece)
            while left:
                left = left[os.write(self._pipe, left) :]
            self.sent += BLOCK
            if self._rate:
                due_s += BLOCK / self._rate
                self.ended.wait(max(0, due_s - time.monotonic()))


class Soak:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.processes = {}
        (folder / "broker").mkdir()
        self.broker = support.Broker(folder / "broker").start()
        os.mkfifo(folder / "bus")
        (folder / "soak.dbc").write_text(DBC)
        self.metrics = None
        self.feeder = Feeder(folder / "bus", options.frames, options.rate)

    def start(self):
        bin_dir, lane_consumer = self.options.build / "bin", self.options.build / "tests/lane_consumer"
        self._run("consumer", [lane_consumer, support.HOST, str(self.broker.port), GATEWAY])
        wait_until(lambda: "ready" in self._alive("consumer").output)
        self.client = support.Client(self.broker.port)
        self.client.paho.on_message = self._on_message
        self.client.start().subscribe(f"{GATEWAY}/metrics").subscribe(f"{GATEWAY}/response/#")
        for name, program, text in (("gateway", "edge-gateway", self._gateway()), ("automation", "automation-node", self._node())):
            (self.folder / f"{name}.yaml").write_text(text)
            self._run(name, [bin_dir / program, "run", "-c", self.folder / f"{name}.yaml"])
            self.processes[name].wait_log("connected with MQTT")
        self.processes["broker"] = self.broker
        self.answered = threading.Event()
        self.feeder.start()

    def _alive(self, name):
        process = self.processes[name]
        if not process.is_running:
            raise AssertionError(f"{name} has died: {process.log[-2000:]}")
        return process

    def _run(self, name, argv):
        self.processes[name] = support.Process(argv, self.folder, name).start()

    def _gateway(self):
        return f"""
site: soak
node: gw
broker: {{address: {support.HOST}, port: {self.broker.port}}}
metrics_interval: 500ms
store: {{file: edge.db, max_size: 256MiB}}
backfill: {{rate: 100000, batch: 100}}
buses:
  can0: {{driver: replay, replay: {{file: bus, speed: 0}}, dbc: soak.dbc, defaults: {{publish: every}}}}
"""

    def _node(self):
        return f"""
site: soak
node: auto
broker: {{address: {support.HOST}, port: {self.broker.port}}}
store: {{file: automation.db}}
inputs:
  a: {{gateway: gw, signal: can0/M0/A}}
devices:
  fan: {{driver: simulated, values: {{ON: true, OFF: false}}}}
rules:
  vent: {{while: a > 300, device: fan, value: ON}}
"""

    def _on_message(self, _client, _userdata, m):
        if m.topic != f"{GATEWAY}/metrics":
            self.answered.set()
            return
        self.metrics = json.loads(m.payload)
        if self.metrics["readings"]["pending"] > PENDING_MAX:
            self.feeder.may_go_on.clear()
        else:
            self.feeder.may_go_on.set()

    def answer_ms(self):
        """From a question to its answer: no turn of the gateway's loop is longer."""
        self.answered.clear()
        asked_s = time.monotonic()
        self.client.post(f"{GATEWAY}/request/alarms", "{}")
        if not self.answered.wait(support.TIMEOUT_S):
            raise AssertionError(f"the gateway does not answer: {self.processes['gateway'].log[-2000:]}")
        return round(1000 * (time.monotonic() - asked_s), 1)

    def sample(self, at_s):
        wait_until(lambda: self.metrics is not None)
        store, readings = self.metrics["store"], self.metrics["readings"]
        return {
            "at_s": round(at_s, 1),
            "answer_ms": self.answer_ms(),
            "gateway": {
                "received": self.metrics["frames"]["received"],
                "pending": readings["pending"],
                "live_pending": self.metrics["live"]["pending"],
                "outstanding": self.metrics["mqtt"]["outstanding"],
                **{key: store[key] for key in ("wal_bytes", "waiting_bytes", "used_bytes", "commit_max_us")},
            },
            "processes": {name: usage(self._alive(name).process.pid) for name in self.processes},
        }

    def settle(self):
        """Until the consumer has all, or time is up: its report."""
        deadline_s = time.monotonic() + SETTLE_S
        while True:
            report = self.consumer_report()
            if (report["seen"] >= self.feeder.sent and report["missing"] == 0) or time.monotonic() > deadline_s:
                report["missing"] = max(report["missing"], self.feeder.sent - report["seen"])
                return report
            time.sleep(1)

    def consumer_report(self):
        consumer = self.processes["consumer"]
        lines = len(consumer.output.splitlines())
        consumer.process.send_signal(support.signal.SIGUSR1)
        wait_until(lambda: len(self._alive("consumer").output.splitlines()) > lines)
        return json.loads(consumer.output.splitlines()[-1])

    def close(self):
        self.feeder.ended.set()
        for process in self.processes.values():
            process.kill()
        self.broker.kill()


def wait_until(condition, timeout_s=SETTLE_S):
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise AssertionError("waited in vain")
        time.sleep(0.05)


def usage(pid):
    proc = pathlib.Path(f"/proc/{pid}")
    return {
        "rss_kb": int((proc / "status").read_text().split("VmRSS:")[1].split()[0]),
        "descriptors": len(list((proc / "fd").iterdir())),
    }


# ---- the run


def arguments(text):
    parser = argparse.ArgumentParser(usage=text.split("usage: ")[1])
    parser.add_argument("--frames", type=int)
    parser.add_argument("--hours", type=float)
    parser.add_argument("--rate", type=int, default=0)
    parser.add_argument("--sample-s", type=float, default=60)
    parser.add_argument("--warm-up-s", type=float)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--samples", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path)
    options = parser.parse_args()
    if options.frames is None and options.hours is None:
        options.hours = 1.0
    return options


def build():
    for command in ("cmake --preset release", f"cmake --build --preset release --target {' '.join(TARGETS)}"):
        done = subprocess.run(command.split(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            sys.exit(done.stdout)
    return ROOT / "build/release"


def run(options, folder):
    """The result, and what does not hold."""
    soak = Soak(options, folder)
    samples, begun_s = [], time.monotonic()
    try:
        soak.start()
        with (options.samples or folder / "samples.ndjson").open("w") as lines:
            while soak.feeder.is_alive():
                soak.feeder.join(options.sample_s)
                samples.append(soak.sample(time.monotonic() - begun_s))
                lines.write(json.dumps(samples[-1]) + "\n")
                lines.flush()
                if options.hours is not None and samples[-1]["at_s"] >= options.hours * HOUR_S:
                    soak.feeder.ended.set()
        seconds = time.monotonic() - begun_s
        consumer = soak.settle()
    finally:
        soak.close()
    warm_up_s = options.warm_up_s
    if warm_up_s is None:
        warm_up_s = min(WARM_UP_MAX_S, seconds * WARM_UP_SHARE)
    result = summarise(samples, warm_up_s, consumer, seconds)
    result["frames"] = soak.feeder.sent
    return result


def markdown(one):
    """As scripts/bench writes it: the whole, then a row for each process."""
    whole = {key: value for key, value in one["result"].items() if key != "processes"}
    rows = [{"name": name, **figures} for name, figures in one["result"]["processes"].items()]
    return f"{results.measurement({**one, 'result': whole})}\n\n{results.table(rows)}"


def main(text):
    options = arguments(text)
    options.build = options.build.resolve() if options.build else build()
    load = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="edge-soak-", dir=ROOT / "build") as folder:
        result = run(options, pathlib.Path(folder))
    load.append(os.getloadavg()[0])
    one = {"command": "scripts/soak " + " ".join(sys.argv[1:]), "load": load, "result": result}
    print(markdown(one))
    if options.json:
        options.json.write_text(json.dumps(one, indent=1))
    wrong = verdicts(result)
    for what in wrong:
        print(f"VIOLATION: {what}")
    return 1 if wrong else 0
