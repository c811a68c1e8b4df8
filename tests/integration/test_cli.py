"""The gateway's command line: exit codes, and what it tells a person who made a mistake."""

import datetime
import gzip
import re
import socket
import subprocess

import gateway_support
import support
import yaml
from gateway_support import PROGRAM

NOT_FOUND = "cannot be read: No such file or directory"

FAULTY_IN_ITSELF = """\
site: demo
node: gw 1
brokr: {address: 127.0.0.1}
broker: {address: 127.0.0.1, port: 70000, retry_min: 5 apples}
buses:
  can0:
    driver: simulated
    dbc: greenhouse.dbc
    defaults: {min_intervall: 1s}
"""
FAULTS_IN_ITSELF = (
    "2:7: error: 'node': 'gw 1' is not an id",
    "3:1: error: unknown key 'brokr' - did you mean 'broker'?",
    "4:36: error: 'port':",
    "4:54: error: 'retry_min': '5 apples' is not a duration",
    "7:13: error: 'driver': 'simulated' is not known here - did you mean 'simulate'?",
    "9:16: error: unknown key 'min_intervall' - did you mean 'min_interval'?",
)

FAULTY_BESIDE_ITS_DBC = """\
site: demo
node: gw1
broker: {address: 127.0.0.1}
buses:
  can0:
    driver: simulate
    dbc: greenhouse.dbc
    defaults: {min_interval: 1s}
    messages:
      Climat: {publish: every}
      Climate:
        max_interval: 100ms
        deadband: {Temperatur: 0.1 °C, Humidity: 2 km, CO2: -1 ppm}
      Weather: {max_interval: 10s, stale_after: 5s}
    commands:
      HeaterComand: {}
      VentCommand: {signals: [Positon]}
  can1: {driver: replay, dbc: missing.dbc}
  can2: {driver: simulate, dbc: text.dbc}
"""
FAULTS_BESIDE_ITS_DBC = (
    "10:7: error: no message 'Climat' in the DBC files of bus 'can0' - did you mean 'Climate'?",
    "11:7: error: message 'Climate': min_interval is longer than max_interval",
    "13:20: error: message 'Climate' has no signal 'Temperatur' - did you mean 'Temperature'?",
    "13:40: error: deadband of 'Humidity' is in km, but the signal is in %",
    "13:56: error: deadband of 'CO2' must not be negative",
    "14:7: error: message 'Weather': stale_after must be longer than max_interval",
    "16:7: error: no message 'HeaterComand' in the DBC files of bus 'can0'"
    " - did you mean 'HeaterCommand'?",
    "17:31: error: message 'VentCommand' has no signal 'Positon' - did you mean 'Position'?",
    "18:3: error: bus 'can1': the driver replay needs a log",
    "18:31: error: bus 'can1' cannot do without this DBC file",
    "19:33: error: bus 'can2' cannot do without this DBC file",
)


class TestCase(gateway_support.TestCase):
    def run_to_its_end(self, *arguments, expected, stdin=b""):
        """Its stdout and stderr."""
        result = subprocess.run(
            [PROGRAM, *arguments], cwd=self.directory, capture_output=True, input=stdin,
            timeout=support.TIMEOUT_S,
        )  # fmt: skip
        output, errors = result.stdout.decode(), result.stderr.decode()
        self.assertNotRegex(errors, support.SANITIZER_REPORT)
        self.assertEqual(result.returncode, expected, errors)
        return output, errors

    def write(self, name, text):
        (self.directory / name).write_text(text, encoding="utf-8")


class Usage(TestCase):
    def test_help_goes_to_stdout(self):
        for arguments in (["--help"], ["-h"]):
            output, errors = self.run_to_its_end(*arguments, expected=0)
            self.assertRegex(output, "^usage: edge-gateway COMMAND")
            for command in ("run", "check", "decode", "encode", "history", "verify"):
                self.assertRegex(output, rf"(?m)^  {command} ")
            self.assertEqual(errors, "")

    def test_every_command_has_help(self):
        for command in ("run", "check", "decode", "encode", "history", "verify"):
            with self.subTest(command):
                output, errors = self.run_to_its_end(command, "--help", expected=0)
                self.assertRegex(output, f"^usage: edge-gateway {command} ")
                self.assertEqual(errors, "")

    def test_the_version(self):
        output, errors = self.run_to_its_end("--version", expected=0)
        first, *facts = output.splitlines()
        self.assertRegex(first, r"^edge-gateway \d+\.\d+\.\d+$")
        facts = dict(line.split(": ", 1) for line in facts)
        for library in ("libmosquitto", "SQLite", "cJSON", "libyaml", "OpenSSL"):
            self.assertRegex(facts[library], r"^\d+\.\d+\.\d+( \(built with \d+\.\d+\.\d+\))?$")
        self.assertEqual(facts["MQTT"], "3.1.1, 5")
        self.assertEqual(facts["drivers"], "socketcan, replay, simulate")
        built = (support.BUILD_DIR / "CMakeCache.txt").read_text(encoding="utf-8")
        is_sanitized = re.search(r"^EDGE_(SANITIZE|TSAN):\w+=ON$", built, re.M) is not None
        self.assertEqual("sanitizers" in facts, is_sanitized)
        self.assertEqual(errors, "")

    def test_the_version_names_the_commit_and_no_time_of_the_build(self):
        output, _ = self.run_to_its_end("--version", expected=0)
        told = re.search(r"(?m)^commit: (\w+)(?:-dirty)? (\S+)$", output)
        if told is None:
            self.skipTest("not built from a git checkout")
        commit, time = told.groups()
        known = subprocess.run(["git", "-C", support.SOURCE_DIR, "log", "-1", "--format=%ct", commit],
                               capture_output=True, text=True, check=False)  # fmt: skip
        self.assertEqual(known.returncode, 0, f"{output}{known.stderr}")
        when = datetime.datetime.fromtimestamp(int(known.stdout), datetime.timezone.utc)
        self.assertEqual(time, f"{when:%Y-%m-%dT%H:%M:%SZ}")

    def test_wrong_usage_is_told_on_stderr_with_exit_2(self):
        for arguments, told in (
            ([], "usage: edge-gateway COMMAND"),
            (["dance"], "unknown command 'dance'"),
            (["--dance"], "unknown command '--dance'"),
            (["run"], "usage: edge-gateway run -c FILE"),
            (["check"], "usage: edge-gateway check -c FILE"),
            (["run", "--dance"], "unrecognized option '--dance'"),
            (["run", "-c"], "option requires an argument"),
            (["check", "-c", "a.yaml", "b.yaml"], "usage: edge-gateway check -c FILE"),
            (["check", "-c", "a.yaml", "--dbc", "b.dbc"], "usage: edge-gateway check -c FILE"),
            (["check", "--dbc", "b.dbc", "--print"], "usage: edge-gateway check -c FILE"),
            (["check", "-c", "a.yaml", "--explain", "M"], "usage: edge-gateway check -c FILE"),
            (["decode"], "usage: edge-gateway decode"),
            (["encode", "--dance"], "unrecognized option '--dance'"),
        ):
            with self.subTest(arguments):
                output, errors = self.run_to_its_end(*arguments, expected=2)
                self.assertIn(told, errors)
                self.assertEqual(output, "")


class Decode(TestCase):
    FRAME = '{"ts":1.000000,"bus":"can0","id":17,"ext":false,"message":"A","signals":{"S":{"value":34,"raw":34}}}\n'

    def setUp(self):
        super().setUp()
        self.write("a.dbc", 'VERSION ""\nBU_: X\nBO_ 17 A: 1 X\n SG_ S : 0|8@1+ (1,0) [0|0] "" X\n')

    def decode(self, *arguments, expected=0, stdin=b""):
        return self.run_to_its_end("decode", "--dbc", "a.dbc", *arguments, expected=expected, stdin=stdin)

    def test_a_file_and_a_pipe_give_the_same(self):
        self.write("a.log", "(1.0) can0 011#22\n")
        self.assertEqual(self.decode("a.log"), (self.FRAME, ""))
        for arguments in ([], ["-"]):
            self.assertEqual(self.decode(*arguments, stdin=b"(1.0) can0 011#22\n"), (self.FRAME, ""))

    def test_packed_data_are_refused_with_the_way_to_unpack_them(self):
        packed = gzip.compress(b"(1.0) can0 011#22\n" * 1000)
        (self.directory / "a.log.gz").write_bytes(packed)
        told = "is gzip data: read it through zcat\n"
        self.assertEqual(self.decode("a.log.gz", expected=1), ("", f"edge-gateway: a.log.gz {told}"))
        piped = self.decode(stdin=packed, expected=1)
        self.assertEqual(piped, ("", f"edge-gateway: standard input {told}"))

    def test_what_is_no_log_is_counted(self):
        output, errors = self.decode(stdin=b"hello\n\nworld\n")
        self.assertEqual((output, errors), ("", "edge-gateway: 2 lines are no known log, the first is line 1\n"))

    def test_a_line_too_long_is_counted(self):
        output, errors = self.decode(stdin=b"(1.0) can0 011#22\n(1.0) can0 011#22" + b" " * 5000 + b"\n")
        self.assertEqual(output, self.FRAME)
        self.assertEqual(errors, "edge-gateway: 1 lines are no candump text, the first is line 2\n")

    def test_a_log_that_is_not_there(self):
        _, errors = self.decode("none.log", expected=1)
        self.assertEqual(errors, "edge-gateway: none.log: No such file or directory\n")


class Encode(TestCase):
    def test_a_line_too_long_is_refused_with_its_number(self):
        self.write("a.dbc", 'VERSION ""\nBU_: X\nBO_ 17 A: 1 X\n SG_ S : 0|8@1+ (1,0) [0|0] "" X\n')
        line = b'{"message":"A","signals":{"S":34}}'
        output, errors = self.run_to_its_end(
            "encode", "--dbc", "a.dbc", expected=1, stdin=line + b"\n" + line + b" " * 2_000_000 + b"\n"
        )
        self.assertEqual(output, "(0000000000.000000) can0 011#22\n")
        self.assertEqual(errors, "edge-gateway: line 2: too long\nedge-gateway: 1 of 2 lines refused\n")


class Check(TestCase):
    def setUp(self):
        super().setUp()
        self.write("greenhouse.dbc", gateway_support.GREENHOUSE_DBC.read_text(encoding="utf-8"))

    def faults(self, text):
        self.write("gateway.yaml", text)
        output, errors = self.run_to_its_end("check", "-c", "gateway.yaml", expected=1)
        self.assertEqual(output, "")
        return errors.splitlines()

    def assert_faults(self, lines, expected):
        """Exactly these are the file's own, in the order of the lines."""
        own = [line for line in lines if line.startswith("gateway.yaml:")]
        self.assertEqual(len(own), len(expected), lines)
        for line, start in zip(own, expected):
            self.assertTrue(line.startswith(f"gateway.yaml:{start}"), f"{line}\nis not\n{start}")

    def test_a_good_one_is_ok(self):
        example = gateway_support.EXAMPLES / "gateway.yaml"
        output, errors = self.run_to_its_end("check", "-c", example, expected=0)
        self.assertEqual(output, "ok: 1 bus, 10 messages, 0 warnings\n")
        self.assertEqual(errors, "")

    def test_every_fault_of_the_file_itself_is_told_at_once(self):
        self.assert_faults(self.faults(FAULTY_IN_ITSELF), FAULTS_IN_ITSELF)

    def test_every_fault_beside_the_dbc_files_is_told_at_once(self):
        self.write("text.dbc", "Dear diary,\n")
        lines = self.faults(FAULTY_BESIDE_ITS_DBC)
        self.assert_faults(lines, FAULTS_BESIDE_ITS_DBC)
        self.assertIn(f"missing.dbc: error: {NOT_FOUND}", lines)
        self.assertTrue([line for line in lines if line.startswith("text.dbc: error: ")], lines)

    def test_bad_lines_of_a_dbc_file_are_warnings_with_their_place(self):
        self.write("odd.dbc", 'VERSION ""\nBO_ 1 A: 1 X\n SG_ S : 0|9@1+ (1,0) [0|1] "" X\n')
        settings = gateway_support.configuration(1, {"driver": "simulate", "dbc": "odd.dbc"})
        self.write_configuration(settings)
        arguments = ("check", "-c", "gateway.yaml")
        output, errors = self.run_to_its_end(*arguments, expected=0)
        self.assertIn("1 warning", output)
        self.assertRegex(errors, r"^odd\.dbc:3:\d+: warning: signal 'S'")
        output, errors = self.run_to_its_end(*arguments, "--strict", expected=1)
        self.assertEqual(output, "")
        self.assertRegex(errors, r"^odd\.dbc:3:\d+: error: signal 'S'")

    def test_a_label_that_is_nowhere_is_a_warning(self):
        self.write("odd.dbc", 'BO_ 1 A: 1 X\n SG_ S : 0|8@1+ (1,0) [0|0] "" X\nVAL_ 1 S 9 "Sensor fault" ;\n')
        bus = {"driver": "simulate", "dbc": "odd.dbc", "not_available": ["SENSOR_FAULT", "Sensor falt"]}
        self.write_configuration(gateway_support.configuration(1, bus))
        _, errors = self.run_to_its_end("check", "-c", "gateway.yaml", expected=0)
        self.assertRegex(
            errors,
            r"^gateway\.yaml:\d+:\d+: warning: no label 'Sensor falt' in the DBC files of bus 'can0'"
            r" - did you mean 'Sensor fault'\?\n$",
        )

    def test_messages_that_cannot_have_a_topic_are_named(self):
        signal = ' SG_ S : 0|8@1+ (1,0) [0|0] "" X\n'
        self.write("odd.dbc", f'VERSION ""\nBO_ 1 A: 1 X\n{signal}BO_ 2 A: 1 X\n{signal}BO_ 3 state: 1 X\n{signal}')
        self.write_configuration(gateway_support.configuration(1, {"driver": "simulate", "dbc": "odd.dbc"}))
        _, errors = self.run_to_its_end("check", "-c", "gateway.yaml", expected=0)
        self.assertIn("odd.dbc:4: warning: message 'A' is not published: an earlier message has the same name, in odd.dbc:2\n", errors)
        self.assertIn("message 'state' is not published: its name cannot be a level of a topic", errors)

    def test_a_broker_section_that_cannot_work(self):
        addresses = ", ".join(f"b{i}" for i in range(9))
        broker = f"broker: {{address: [{addresses}], prefix: 'a/+'}}"
        lines = self.faults(f"site: a\nnode: b\n{broker}\nbuses: {{can0: {{driver: simulate, dbc: greenhouse.dbc}}}}\n")
        self.assert_faults(lines, ("3:52: error: at most 8 broker addresses", "3:65: error: 'a/+' cannot be"))
        addresses = '"a:1884", "mqtt://b", "c:0", "[::1]:1883"'
        lines = self.faults(f"site: a\nnode: b\nbroker: {{address: [{addresses}]}}\nbuses: {{can0: {{driver: simulate, dbc: greenhouse.dbc}}}}\n")
        self.assert_faults(lines, (
            "3:30: error: 'mqtt://b' is no address of a broker: write HOST, HOST:PORT or [IPV6]:PORT",
            "3:42: error: the port of 'c:0' is not from 1 to 65535",
        ))  # fmt: skip

    def test_what_cannot_be_read_or_is_no_yaml(self):
        _, errors = self.run_to_its_end("check", "-c", "none.yaml", expected=1)
        self.assertEqual(errors, f"none.yaml: error: {NOT_FOUND}\n")
        for text in ("a: [", "\t", "a: &x 1", "- 1"):
            with self.subTest(text):
                for line in self.faults(text):
                    self.assertRegex(line, r"^gateway\.yaml(:\d+:\d+)?: error: ")

    def test_an_environment_variable_that_is_not_set(self):
        lines = self.faults("site: ${EDGE_TEST_NOT_SET}\n")
        self.assertRegex(lines[0], r"^gateway\.yaml:1:\d+: error: .*EDGE_TEST_NOT_SET")

    def test_what_it_prints_loads_again_as_the_same(self):
        settings = gateway_support.configuration(1883, username="u", password="secret$$word")
        settings["buses"]["can0"]["messages"] = {
            "Climate": {"deadband": {"Temperature": "0.1 °C"}, "layout": "signal"}
        }
        self.write_configuration(settings)
        printed, _ = self.run_to_its_end("check", "--print", "-c", "gateway.yaml", expected=0)
        self.assertNotIn("secret", printed)
        self.write("printed.yaml", printed)
        again, errors = self.run_to_its_end("check", "--print", "-c", "printed.yaml", expected=0)
        self.assertEqual(errors, "")
        self.assertEqual(again, printed)
        self.assertEqual(yaml.safe_load(printed)["broker"]["retry_min"], "20ms")


class CheckDbc(TestCase):
    def test_good_files_are_ok(self):
        self.write("a.dbc", 'BO_ 1 A: 1 X\n SG_ S : 0|8@1+ (1,0) [0|0] "" X\n')
        self.write("b.dbc", 'BO_ 2 B: 1 X\n SG_ S : 0|8@1+ (1,0) [0|0] "" X\n')
        output, errors = self.run_to_its_end("check", "--dbc", "a.dbc", "--dbc", "b.dbc", expected=0)
        self.assertEqual(output, "ok: 2 DBC files, 2 messages, 2 signals, 0 warnings\n")
        self.assertEqual(errors, "")

    def test_warnings_have_their_place_and_are_errors_when_strict(self):
        self.write("odd.dbc", 'BO_ 1 A: 1 X\n SG_ S : 0|9@1+ (1,0) [0|0] "" X\n')
        output, errors = self.run_to_its_end("check", "--dbc", "odd.dbc", expected=0)
        self.assertEqual(output, "ok: 1 DBC file, 1 message, 1 signal, 1 warning\n")
        self.assertEqual(errors, "odd.dbc:2:6: warning: signal 'S' reaches beyond the 1 bytes of message 'A'\n")
        output, strict = self.run_to_its_end("check", "--strict", "--dbc", "odd.dbc", expected=1)
        self.assertEqual(output, "")
        self.assertEqual(strict, errors.replace("warning", "error"))

    def test_a_message_is_explained(self):
        output, errors = self.run_to_its_end(
            "check", "--dbc", gateway_support.GREENHOUSE_DBC, "--explain", "Climate", expected=0)
        self.assertEqual(errors, "")
        self.assertRegex(output, "^Climate\n")
        self.assertIn("│ 1 Temperature ", output)

    def test_an_unknown_message_is_a_fault_with_the_right_name(self):
        _, errors = self.run_to_its_end(
            "check", "--dbc", gateway_support.GREENHOUSE_DBC, "--explain", "Climat", expected=1)
        self.assertEqual(errors, "edge-gateway: no message 'Climat' in the DBC files - did you mean 'Climate'?\n")

    def test_conflicts_name_both_sides(self):
        self.write("a.dbc", "BO_ 1 A: 1 X\nBO_ 2 B: 1 X\n")
        self.write("b.dbc", "BO_ 3 B: 1 X\nBO_ 1 C: 1 X\n")
        output, errors = self.run_to_its_end("check", "--dbc", "a.dbc", "--dbc", "b.dbc", expected=0)
        self.assertIn("3 messages, 0 signals, 2 warnings", output)
        self.assertEqual(
            errors,
            "b.dbc:2:5: warning: message 'C' is skipped: its id 0x1 belongs to message 'A' of a.dbc:1\n"
            "b.dbc:1: warning: message 'B' can be neither published nor sent: its name belongs to the one of a.dbc:2\n",
        )

    def test_every_file_is_read_though_one_is_hopeless(self):
        self.write("text.dbc", "Dear diary,\n")
        self.write("odd.dbc", "BO_ 4096 A: 1 X\n")
        _, errors = self.run_to_its_end("check", "--dbc", "text.dbc", "--dbc", "none.dbc", "--dbc", "odd.dbc", expected=1)
        self.assertIn("text.dbc: error: no section of a DBC file is in it: this is no DBC file\n", errors)
        self.assertIn(f"none.dbc: error: {NOT_FOUND}\n", errors)
        self.assertIn("odd.dbc:1:5: warning: id 4096 of message 'A' does not fit 11 bits", errors)


class Run(TestCase):
    def test_an_unreachable_broker_is_told(self):
        port = support.free_port()
        gateway = self.start_gateway(gateway_support.configuration(port))
        gateway.wait_log(f"no connection: {support.HOST}:{port}: Connection refused")
        gateway.stop()

    def test_a_broker_that_hangs_up_is_told_once_and_tried_on(self):
        with socket.create_server((support.HOST, 0)) as listener:
            listener.settimeout(support.TIMEOUT_S)
            port = listener.getsockname()[1]
            gateway = self.start_gateway(gateway_support.configuration(port))
            for _ in range(6):
                listener.accept()[0].close()
        gateway.stop()
        self.assertEqual(gateway.log.count("no connection"), 1, gateway.log)

    def test_it_connects_when_the_broker_comes(self):
        broker = support.Broker(self.directory)
        self.addCleanup(broker.kill)
        gateway = self.start_gateway(gateway_support.configuration(broker.port))
        gateway.wait_log("no connection")
        broker.start()
        gateway.wait_log("connected with MQTT 5")
        broker.kill()
        gateway.wait_log("no connection", after=len(gateway.log.splitlines()) - 1)
        gateway.stop()

    def test_a_missing_log_to_replay_is_a_fault(self):
        bus = gateway_support.replayed_bus(log=self.directory / "none.log")
        self.write_configuration(gateway_support.configuration(1, bus))
        _, errors = self.run_to_its_end("run", "-c", "gateway.yaml", expected=1)
        self.assertRegex(errors, r"can0: cannot open .*/none\.log: No such file or directory")

    def test_a_faulty_configuration_is_a_fault(self):
        self.write("gateway.yaml", FAULTY_IN_ITSELF)
        _, errors = self.run_to_its_end("run", "-c", "gateway.yaml", expected=1)
        self.assertEqual(errors.count(": error: "), len(FAULTS_IN_ITSELF))


if __name__ == "__main__":
    support.main()
