"""TLS between the daemons and brokers, both ways round: who is refused, who says why, and that nobody refused ever gets in."""

import re
import socket
import subprocess
import threading
import time

import gateway_support
import support
import tls_support

DAY_S = 24 * 3600
CLIENTS = "require_certificate true\nuse_identity_as_username true\n"

AUTOMATION = {
    "site": "demo",
    "node": "auto1",
    "metrics_interval": "200ms",
    "devices": {"heater": {"driver": "simulated", "values": {"ON": "On", "OFF": "Off"}}},
}


class TestCase(gateway_support.TestCase):
    def setUp(self):
        super().setUp()
        self.authority = tls_support.Authority(self.directory)
        self.server = self.authority.issue("broker")

    def tls_broker(self, certificate=None, authority=None, **options):
        broker = tls_support.Broker(self.directory, authority or self.authority, certificate or self.server, **options)
        self.addCleanup(broker.kill)
        return broker.start()

    def settings(self, daemon, port, tls, **broker):
        section = {"address": "127.0.0.1", "port": port, "retry_min": "20ms", "retry_max": "100ms", **broker}
        if tls is not None:
            section["tls"] = {name: str(value) for name, value in tls.items()}
        if daemon == "edge-gateway":
            settings = gateway_support.configuration(port)
            settings["store"] = {"enabled": False}
        else:
            settings = dict(AUTOMATION)
        return {**settings, "broker": section, "log": {"level": "debug"}}

    def start_daemon(self, daemon, port, tls, **broker):
        path = self.write_configuration(self.settings(daemon, port, tls, **broker), f"{daemon}.yaml")
        return self.start_process([support.BIN_DIR / daemon, "run", "-c", path], name=daemon)

    def assert_refused(self, process, cause):
        """Never connected; the cause is a warning once, however many attempts there were."""
        process.wait_log(rf"warning mqtt: no connection: .*{cause}")
        for _ in range(3):
            seen = len(process.log.splitlines())
            process.wait_log("debug +mqtt: no connection: ", after=seen)
        self.assertEqual(len(re.findall(rf"warning mqtt: .*{cause}", process.log)), 1, process.log)
        self.assertNotIn("connected with MQTT", process.log)

    def refuse_both(self, port, cause, tls):
        processes = [self.start_daemon(daemon, port, tls) for daemon in BOTH]
        for process in processes:
            self.assert_refused(process, cause)
        for process in processes:
            process.stop()

    def watch(self, port, tls):
        """A client of the broker that shows its own good certificate."""
        client = support.Client(port)
        client.paho.tls_set(str(self.authority.ca), *(str(path) for path in tls or ()))
        self.addCleanup(client.stop)
        return client.start()


BOTH = ("edge-gateway", "automation-node")


class Connecting(TestCase):
    def test_both_connect_with_certificates_and_say_what_failed_before(self):
        """A renewed file is taken at the next attempt, and the counters tell what had been wrong."""
        broker = self.tls_broker(extra=CLIENTS)
        other = tls_support.Authority(self.directory, "other")
        watcher = self.authority.issue("watcher")
        client = self.watch(broker.port, (watcher.certificate, watcher.key)).subscribe("edge/#")
        for daemon, node in zip(BOTH, ("gw1", "auto1")):
            with self.subTest(daemon):
                own = self.authority.issue(node, password="sesame")
                ca = self.directory / f"{node}-ca.pem"
                ca.write_bytes(other.ca.read_bytes())
                secret = self.directory / "key-password"
                secret.write_text("sesame\n")
                secret.chmod(0o600)
                tls = {"ca": ca, "certificate": own.certificate, "key": own.key, "key_password": f"file:{secret}"}
                process = self.start_daemon(daemon, broker.port, tls)
                self.assert_refused(process, "is not from a CA that is trusted here")
                ca.write_bytes(self.authority.ca.read_bytes())
                process.wait_log("connected with MQTT 5")
                metrics = client.wait_for(lambda m, node=node: m.topic == f"edge/demo/{node}/metrics").json
                self.assertGreaterEqual(metrics["mqtt_ends"]["tls_untrusted"], 1)
                self.assertEqual(metrics["mqtt_ends"]["tls_expired"], 0)
                process.stop()

    def test_a_certificate_that_ends_soon_is_told_and_its_renewal_is_taken(self):
        soon = ("20200101000000Z", time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 10.5 * DAY_S)))
        broker = self.tls_broker(self.authority.issue("ending", dates=soon), extra=CLIENTS)
        watcher = self.authority.issue("watcher")
        for daemon, node in zip(BOTH, ("gw1", "auto1")):
            with self.subTest(daemon):
                own = self.authority.issue(node, dates=soon)
                tls = {"ca": self.authority.ca, "certificate": own.certificate, "key": own.key}
                process = self.start_daemon(daemon, broker.port, tls)
                process.wait_log(rf"warning tls: .*{node}\.pem expires on .* UTC, in 10 days: renew it")
                process.wait_log("warning tls: the broker's certificate expires on .*, in 10 days: ")
                client = self.watch(broker.port, (watcher.certificate, watcher.key)).subscribe("edge/#")
                self.wait_left(client, node, own=10, ca=89, broker=10)
                renewed = self.authority.issue(f"{node}-renewed")
                own.certificate.write_bytes(renewed.certificate.read_bytes())
                own.key.write_bytes(renewed.key.read_bytes())
                broker.stop()
                broker.start()
                broker.wait_log(rf"New client connected .* u'{node}-renewed'")
                client = self.watch(broker.port, (watcher.certificate, watcher.key)).subscribe("edge/#")
                self.wait_left(client, node, own=89, ca=89, broker=10)
                process.stop()
                self.assertEqual(len(re.findall("warning tls: ", process.log)), 2, process.log)

    def wait_left(self, client, node, **days):
        def is_told(m):
            left = m.json.get("tls", {}) if m.topic == f"edge/demo/{node}/metrics" else {}
            return {name: left[f"{name}_left_s"] // DAY_S for name in days if f"{name}_left_s" in left} == days

        client.wait_for(is_told)

    def test_tls_alone_is_port_8883(self):
        for daemon in BOTH:
            settings = self.settings(daemon, 0, {"ca": self.authority.ca}, address="127.0.0.2")
            del settings["broker"]["port"]
            path = self.write_configuration(settings, f"{daemon}.yaml")
            process = self.start_process([support.BIN_DIR / daemon, "run", "-c", path], name=daemon)
            process.wait_log(r"127\.0\.0\.2:8883")

    def test_the_name_in_the_certificate_may_be_said(self):
        broker = self.tls_broker(self.authority.issue("named", "DNS:mqtt.example"))
        for daemon in BOTH:
            process = self.start_daemon(daemon, broker.port, {"ca": self.authority.ca, "server_name": "mqtt.example"})
            process.wait_log("connected with MQTT 5")

    def test_tls_1_3_may_be_demanded(self):
        broker = self.tls_broker()
        process = self.start_daemon("edge-gateway", broker.port, {"ca": self.authority.ca, "min_version": "1.3"})
        process.wait_log("connected with MQTT 5")

    def test_the_certificate_itself_may_be_what_is_trusted(self):
        broker = self.tls_broker()
        process = self.start_daemon("edge-gateway", broker.port, {"ca": self.server.certificate})
        process.wait_log("connected with MQTT 5")


class RefusedBrokers(TestCase):
    """The daemons as clients of a broker that they must not talk to."""

    def refuse(self, port, cause, **tls):
        self.refuse_both(port, cause, {"ca": self.authority.ca, **tls})

    def test_another_ca(self):
        other = tls_support.Authority(self.directory, "other")
        broker = self.tls_broker(other.issue("stranger"), authority=other)
        self.refuse(broker.port, "not from a CA that is trusted here .*issued by /CN=other CA")

    def test_expired(self):
        broker = self.tls_broker(self.authority.issue("old", dates=tls_support.EXPIRED))
        self.refuse(broker.port, r"the broker's certificate \(/CN=old\) expired on 2021-01-01 00:00 UTC")

    def test_not_valid_yet(self):
        broker = self.tls_broker(self.authority.issue("young", dates=tls_support.FUTURE))
        self.refuse(broker.port, "is valid only from 2090-01-01 .* on: is the clock of this machine right")

    def test_another_name(self):
        broker = self.tls_broker(self.authority.issue("named", "DNS:mqtt.example, IP:192.0.2.7"))
        self.refuse(broker.port, "is for mqtt.example, 192.0.2.7, not for 127.0.0.1")
        self.refuse(broker.port, "is for mqtt.example, 192.0.2.7, not for other.example", server_name="other.example")

    def test_a_common_name_does_not_count_beside_other_names(self):
        broker = self.tls_broker(self.authority.issue("localhost", "DNS:mqtt.example"))
        self.refuse(broker.port, "is for mqtt.example, not for localhost", server_name="localhost")

    def test_revoked(self):
        broker = self.tls_broker()
        crl = self.authority.revoke(self.server)
        self.refuse(broker.port, "the broker's certificate is revoked", crl=crl)

    def test_a_server_certificate_for_clients_only(self):
        broker = self.tls_broker(self.authority.issue("client", usage="clientAuth"))
        self.refuse(broker.port, "(unsuitable|unsupported) certificate purpose")

    def test_plain_mqtt_instead_of_tls(self):
        broker = self.start_broker()
        self.refuse(broker.port, "does the broker speak TLS on this port")

    def test_a_reset_or_an_end_during_the_handshake(self):
        for reset in (True, False):
            with socket.create_server((support.HOST, 0)) as listener:
                thread = threading.Thread(target=self.hang_up, args=(listener, reset), daemon=True)
                thread.start()
                self.refuse(listener.getsockname()[1], "does the broker speak TLS on this port")

    @staticmethod
    def hang_up(listener, reset):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            peer.recv(1)  # the rest is unread, so that the close is a reset
            while not reset and peer.recv(65536):
                peer.setblocking(False)
                try:
                    while peer.recv(65536):
                        pass
                except BlockingIOError:
                    break
            peer.close()

    def test_tls_1_1_only(self):
        port = support.free_port()
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", self.server.certificate]
        command += ["-key", self.server.key, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0", "-quiet"]
        server = self.start_process(command, name="s_server")
        self.assertTrue(server.is_running)
        self.refuse(port, "(takes no version of TLS that we do|speaks no TLS as new)")


class RefusedDaemons(TestCase):
    """A broker refuses the daemons; under TLS 1.3 it says so only after the handshake."""

    def refuse(self, cause, own=None, extra=""):
        tls = {"ca": self.authority.ca}
        if own is not None:
            tls.update(certificate=own.certificate, key=own.key)
        for newest in ("TLSv1.2", "TLSv1.3"):
            with self.subTest(newest):
                broker = self.tls_broker(extra=CLIENTS + extra, newest=newest)
                self.refuse_both(broker.port, cause, tls)
                self.assertNotIn("New client connected", broker.log)

    def test_no_certificate(self):
        self.refuse("wants? a certificate of us")

    def test_an_expired_certificate(self):
        self.refuse("our certificate has expired", self.authority.issue("gw1", dates=tls_support.EXPIRED))

    def test_a_certificate_of_another_ca(self):
        other = tls_support.Authority(self.directory, "other")
        self.refuse("our certificate is not from a CA that it trusts", other.issue("gw1"))

    def test_a_revoked_certificate(self):
        own = self.authority.issue("gw1")
        crl = self.authority.revoke(own)
        self.refuse("our certificate is revoked", own, extra=f"crlfile {crl}\n")

    def test_a_certificate_for_servers_only(self):
        self.refuse("(is ours for clients|our certificate)", self.authority.issue("gw1", usage="serverAuth"))

    def test_a_client_with_tls_1_1(self):
        broker = self.tls_broker(extra="tls_version tlsv1.2\n")
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{broker.port}", "-CAfile", self.authority.ca]
        command += ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=support.TIMEOUT_S)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("protocol version", done.stderr)

    def test_a_plain_client(self):
        broker = self.tls_broker()
        for daemon in BOTH:
            process = self.start_daemon(daemon, broker.port, None)
            process.wait_log("warning mqtt: no connection")
            process.stop()
            self.assertNotIn("connected with MQTT", process.log)


class Check(TestCase):
    def check(self, tls, *options, daemon="edge-gateway"):
        path = self.write_configuration(self.settings(daemon, 8883, tls), "checked.yaml")
        done = subprocess.run(
            [support.BIN_DIR / daemon, "check", "-c", path.name, *options],
            cwd=self.directory, capture_output=True, text=True,
        )  # fmt: skip
        return done.returncode, done.stderr

    def assert_told(self, message, tls, severity="error"):
        """With the place of the key that is at fault; a warning fails with --strict only."""
        for daemon in BOTH:
            code, told = self.check(tls, daemon=daemon)
            self.assertRegex(told, rf"checked\.yaml:\d+:\d+: {severity}: {message}")
            self.assertEqual(code, 1 if severity == "error" else 0, told)
            if severity == "warning":
                self.assertEqual(self.check(tls, "--strict", daemon=daemon)[0], 1)

    def test_what_is_right(self):
        own = self.authority.issue("gw1")
        own.key.chmod(0o640)
        tls = {"ca": self.authority.ca, "certificate": own.certificate, "key": own.key, "crl": self.authority.publish_crl()}
        for daemon in BOTH:
            self.assertEqual(self.check(tls, "--strict", daemon=daemon), (0, ""))

    def test_files(self):
        own, other = self.authority.issue("gw1"), self.authority.issue("gw2")
        pair = {"certificate": own.certificate, "key": own.key}
        absent, rubbish = self.directory / "absent.pem", self.directory / "rubbish.pem"
        rubbish.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
        empty = self.directory / "empty.pem"
        empty.touch()
        self.assert_told(r".*absent\.pem cannot be read: No such file", {"ca": absent})
        self.assert_told(r".*empty\.pem holds no certificate in PEM form", {"ca": empty})
        self.assert_told(r".*rubbish\.pem holds a broken certificate", {"ca": rubbish})
        self.assert_told(r".*gw1\.pem holds no list of revoked", {"ca": self.authority.ca, "crl": own.certificate})
        self.assert_told(r".*gw2\.key is not the key of that certificate", {**pair, "key": other.key})
        self.assert_told(r".*gw1\.pem holds no private key", {**pair, "key": own.certificate})
        self.assert_told("a certificate needs its key", {"certificate": own.certificate})
        self.assert_told("a key needs the certificate", {"key": own.key})

    def test_an_encrypted_key(self):
        own = self.authority.issue("gw1", password="sesame")
        pair = {"certificate": own.certificate, "key": own.key}
        self.assert_told(".*is encrypted: broker.tls.key_password is missing", pair)
        self.assert_told(".*cannot be decrypted: is broker.tls.key_password right", {**pair, "key_password": "wrong"})
        self.assertEqual(self.check({**pair, "key_password": "sesame"})[0], 0)

    def test_dates_and_modes(self):
        old = self.authority.issue("old", dates=tls_support.EXPIRED)
        young = self.authority.issue("young", dates=tls_support.FUTURE)
        open_key = self.authority.issue("open")
        open_key.key.chmod(0o644)
        server = self.authority.issue("server", usage="serverAuth")
        for message, own in (
            (r".*old\.pem expired on 2021-01-01", old),
            (r".*young\.pem is valid only from 2090-01-01", young),
            (r"everybody on this machine may use .*open\.key", open_key),
            (r".*server\.pem is not for clients", server),
        ):
            self.assert_told(message, {"certificate": own.certificate, "key": own.key}, "warning")

    def test_a_file_that_is_gone_later_is_told_by_the_daemon(self):
        own = self.authority.issue("gw1")
        broker = self.tls_broker()
        process = self.start_daemon(
            "edge-gateway", broker.port, {"ca": self.authority.ca, "certificate": own.certificate, "key": own.key}
        )
        process.wait_log("connected with MQTT")
        own.key.unlink()
        broker.kill()
        process.wait_log(r"no connection: .*gw1\.key cannot be read: No such file")


if __name__ == "__main__":
    support.main()
