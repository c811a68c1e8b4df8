"""`edge-gateway discover` on recorded logs: what it tells, and the configuration that it writes."""

import gzip
import os
import pathlib
import random
import re
import struct
import subprocess
import unittest

import gateway_support
import support
import yaml

VECTORS = pathlib.Path(os.environ.get("EDGE_VECTORS", support.SOURCE_DIR.parent / "shared/vectors"))

MACHINE = """VERSION ""
BO_ 256 Motor: 8 ECU
 SG_ Temperature : 0|16@1- (0.1,0) [-40|215] "degC" X
 SG_ Speed : 16|16@1+ (0.25,0) [0|8000] "rpm" X
 SG_ Alive : 32|4@1+ (1,0) [0|15] "" X
 SG_ Running : 36|1@1+ (1,0) [0|1] "" X
 SG_ Check : 56|8@1+ (1,0) [0|255] "" X
BO_ 512 Tank: 2 ECU
 SG_ Level : 0|16@1+ (0.01,0) [0|100] "%" X
BO_ 768 Command: 1 ECU
 SG_ Power : 0|8@1+ (1,0) [0|100] "%" X
BA_DEF_ BO_ "GenMsgCycleTime" INT 0 100000;
BA_ "GenMsgCycleTime" BO_ 256 20;
BA_ "GenMsgCycleTime" BO_ 512 1000;
"""

# The same ids by chance, with other sizes and ranges.
STRANGER = """VERSION ""
BO_ 256 Light: 4 ECU
 SG_ Brightness : 0|16@1+ (1,0) [0|10] "%" X
BO_ 1000 Never: 8 ECU
 SG_ Nothing : 0|8@1+ (1,0) [0|1] "" X
"""

EXTRA = """VERSION ""
BO_ 256 OtherMotor: 8 ECU
 SG_ Something : 0|16@1- (1,0) [0|10] "" X
BO_ 1280 Weather: 4 ECU
 SG_ Wind : 0|32@1- (1,0) [0|0] "m/s" X
SIG_VALTYPE_ 1280 Wind : 1;
"""


def machine_log(seconds=20):
    """Motor each 10 ms (its DBC says 20), Tank each 4 s (1 s), Weather each 100 ms; one id unknown."""
    rng = random.Random(1)
    lines = []

    def add(ts, can_id, data):
        lines.append(f"({1795423160 + ts:.6f}) can1 {can_id:03X}#{data.hex().upper()}\n")

    for i in range(seconds * 100):
        temperature = round(600 + 3 * rng.gauss(0, 1))
        speed = 4 * (1000 + i // 10)  # even: no noise
        add(i / 100, 256, struct.pack("<hHBBBB", temperature, speed, i % 16 | 16, 0, 0, rng.randrange(256)))
        if i % 400 == 0:
            add(i / 100, 512, struct.pack("<H", 5000))
        if i % 10 == 0:
            add(i / 100, 1280, struct.pack("<f", 5 + 0.3 * rng.gauss(0, 1)))
        if i % 50 == 0:
            add(i / 100, 0x7A0, bytes(3))
    lines.append("(1795423190.000000) can9 100#0000000000000000\n")
    lines.append("(1795423190.000000) can1 100#R\n")
    return "".join(lines)


class TestCase(gateway_support.TestCase):
    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def run_program(self, *arguments, expected=0, **options):
        result = subprocess.run(
            [gateway_support.PROGRAM, *arguments], capture_output=True, text=True,
            cwd=self.directory, timeout=support.TIMEOUT_S * 4, check=False, **options,
        )  # fmt: skip
        self.assertEqual(result.returncode, expected, result.stderr)
        return result

    def discover(self, log, *dbc, expected=0, more=(), **options):
        files = [word for path in dbc for word in ("--dbc", path)]
        return self.run_program("discover", "--log", log, *files, *more, expected=expected, **options)

    def assert_accepted(self, path):
        """What `check` says of it; an error fails the test."""
        return self.run_program("check", "-c", path)


class Machine(TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.write("drive.log", machine_log())
        self.machine = self.write("machine.dbc", MACHINE)
        self.stranger = self.write("stranger.dbc", STRANGER)
        self.extra = self.write("extra.dbc", EXTRA)

    def test_coverage_is_told(self):
        text = self.discover(self.log, self.machine).stdout
        self.assertIn("can1: 2245 frames of 4 ids in 20.0 s", text)
        self.assertIn("decoded: 2 ids, 89.3 % of the frames", text)
        self.assertIn("unknown: 2 ids, 10.7 % of the frames", text)
        self.assertIn("silent:  1 of the 3 messages", text)
        self.assertRegex(text, r"Motor +100 +2000 +10 ms +20 ms !")
        self.assertRegex(text, r"Tank +200 +5 +4000 ms +1000 ms !")
        self.assertRegex(text, r"3 to 3 bytes +7A0 +40 2.00\d/s")
        self.assertRegex(text, r"never seen\n +Command +300\n")
        self.assertIn("1 frames are of other buses", text)
        self.assertIn("1 remote and error frames", text)

    def test_one_interface_of_a_log(self):
        more = ("--interface", "can9")
        self.assertIn("can9: 1 frames of 1 ids", self.discover(self.log, self.machine, more=more).stdout)
        more = ("--interface", "can5")
        self.assertIn("no frame came", self.discover(self.log, self.machine, more=more, expected=1).stderr)

    def test_a_log_from_standard_input(self):
        text = self.discover("-", self.machine, input=self.log.read_text()).stdout
        self.assertIn("can1: 2245 frames", text)

    def test_of_several_files_it_tells_which_fit(self):
        text = self.discover(self.log, self.stranger, self.extra, self.machine).stdout
        files = re.findall(r"^  ([+-]) \S+/(\w+).dbc", text, re.MULTILINE)
        self.assertEqual(files, [("+", "machine"), ("+", "extra"), ("-", "stranger")])
        self.assertIn("better ones know all that it knows", text)
        self.assertNotIn("OtherMotor", text)  # the first file that knows an id wins
        self.assertRegex(text, r"Weather +500 +200 +100 ms")

    def test_the_configuration_is_accepted_and_says_why(self):
        more = ("--write", "sub/gateway.yaml")
        (self.directory / "sub").mkdir()
        inner = self.write("sub/inner.dbc", EXTRA)
        self.discover(self.log, inner, self.machine, self.stranger, more=more)
        path = self.directory / "sub/gateway.yaml"
        self.assert_accepted(path)
        text = path.read_text()
        bus = yaml.safe_load(text)["buses"]["can1"]
        self.assertEqual(bus["driver"], "socketcan")
        self.assertEqual(bus["dbc"], [str(self.machine.resolve()), "inner.dbc"])
        motor = bus["messages"]["Motor"]
        self.assertEqual(motor["min_interval"], "100ms")
        self.assertEqual(list(motor["deadband"]), ["Temperature"])
        # Noise of 0.3 degrees: about three deviations, and a multiple of the factor.
        self.assertIn(motor["deadband"]["Temperature"], (1, 2))
        self.assertEqual(bus["messages"]["Tank"], {"stale_after": "27s"})
        self.assertIn(bus["messages"]["Weather"]["deadband"]["Wind"], (1, 2))
        for why in (
            "Motor: # id 100, each 10 ms (the DBC says 20 ms)",
            "# Check: jumps from end to end",
            "# Command: never seen, id 300",
            "# no DBC file knows id 7A0: 40 frames",
            "# does not fit or adds nothing: ",
        ):
            self.assertIn(why, text)

    def test_what_is_written_runs(self):
        """The deadband keeps the noise back: few of the readings are published."""
        self.discover(self.log, self.machine, more=("--write", "gateway.yaml"))
        settings = yaml.safe_load((self.directory / "gateway.yaml").read_text())
        broker = self.start_broker()
        self.client = self.start_client(broker).subscribe("edge/home/gw1/metrics")
        settings["broker"] = gateway_support.configuration(broker.port)["broker"]
        settings["metrics_interval"] = "200ms"
        bus = settings["buses"]["can1"]
        bus["driver"] = "replay"
        bus["replay"] = {"file": str(self.log), "interface": "can1", "speed": 0}
        del bus["messages"]["Motor"]["min_interval"]
        bus["messages"]["Motor"]["deadband"].update(Speed=10000, Alive=16, Check=256)
        self.start_gateway(settings)
        frames = self.client.wait_newest(
            "edge/home/gw1/metrics", lambda m: m.json["frames"]["received"] >= 2245
        ).json["frames"]
        self.assertLess(frames["accepted"], 0.05 * frames["received"])

    def test_a_file_that_is_there_is_not_overwritten(self):
        kept = self.write("gateway.yaml", "mine")
        more = ("--write", kept)
        result = self.discover(self.log, self.machine, more=more, expected=1)
        self.assertIn("--force", result.stderr)
        self.assertEqual(kept.read_text(), "mine")
        self.discover(self.log, self.machine, more=(*more, "--force"))
        self.assert_accepted(kept)

    def test_files_that_know_nothing_of_the_bus_make_no_configuration(self):
        nothing = self.write("nothing.dbc", 'VERSION ""\nBO_ 1 A: 1 X\n SG_ B : 0|8@1+ (1,0) [0|1] "" X\n')
        more = ("--write", "gateway.yaml")
        result = self.discover(self.log, nothing, more=more, expected=1)
        self.assertIn("no DBC file knows any id", result.stderr)
        self.assertFalse((self.directory / "gateway.yaml").exists())

    def test_wrong_usage_and_what_cannot_be_read(self):
        self.run_program("discover", "--dbc", self.machine, expected=2)
        self.run_program("discover", "--log", self.log, expected=2)
        self.run_program("discover", "--log", self.log, "--dbc", self.machine, "--seconds", "0", expected=2)
        self.discover("absent.log", self.machine, expected=1)
        self.discover(self.log, "absent.dbc", expected=1)
        packed = self.directory / "drive.log.gz"
        packed.write_bytes(gzip.compress(self.log.read_bytes()))
        self.assertIn("zcat", self.discover(packed, self.machine, expected=1).stderr)
        help_text = self.run_program("discover", "--help").stdout
        self.assertIn("--interface", help_text)

    def test_names_that_yaml_or_topics_do_not_like(self):
        dbc = self.write(
            "odd $name.dbc",
            'VERSION ""\nBO_ 256 null: 8 X\n SG_ yes : 0|16@1- (0.1,0) [0|0] "\t%#:" X\n'
            'BO_ 512 state: 2 X\n SG_ set : 0|8@1+ (1,0) [0|0] "" X\n',
        )
        self.discover(self.log, dbc, more=("--write", "gateway.yaml"))
        self.assert_accepted(self.directory / "gateway.yaml")
        self.assertIn('"odd $$name.dbc"', (self.directory / "gateway.yaml").read_text())


class Recorded(TestCase):
    """Logs and DBC files of real machines, where they are at hand."""

    def cases(self):
        return sorted([*VECTORS.glob("real/*.dbc"), *VECTORS.glob("dbc/*.dbc")])

    @unittest.skipUnless(VECTORS.is_dir(), "no vectors here")
    def test_each_gets_a_configuration_that_is_accepted(self):
        tried = 0
        for dbc in self.cases():
            log = dbc.with_suffix(".log.gz")
            if not log.exists() or log.stat().st_size > 1_000_000:
                continue
            with gzip.open(log, "rt") as file:
                text = "".join(line for line, _ in zip(file, range(4000), strict=False))
            path = self.directory / "gateway.yaml"
            result = subprocess.run(
                [gateway_support.PROGRAM, "discover", "--log", "-", "--dbc", dbc, "--write", path, "--force"],
                input=text, capture_output=True, text=True, check=False,
            )
            if "no DBC file knows any id" in result.stderr or "no frame came" in result.stderr:
                continue
            self.assertEqual(result.returncode, 0, f"{dbc}\n{result.stderr}")
            self.assert_accepted(path)
            tried += 1
        self.assertGreater(tried, 30)

    @unittest.skipUnless(VECTORS.is_dir(), "no vectors here")
    def test_the_right_file_is_the_first_of_many(self):
        real = sorted(VECTORS.glob("real/*.dbc"))
        for dbc in real:
            with gzip.open(dbc.with_suffix(".log.gz"), "rt") as file:
                text = "".join(line for line, _ in zip(file, range(4000), strict=False))
            output = self.discover("-", *real, input=text).stdout
            first = pathlib.Path(re.search(r"^  [+-] (\S+):", output, re.MULTILINE)[1])
            self.assertEqual(first.read_bytes(), dbc.read_bytes(), output)  # two are the same


if __name__ == "__main__":
    support.main()
