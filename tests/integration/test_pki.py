"""scripts/pki: certificates that openssl itself finds good, bad or revoked, and files that are safe."""

import re
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

import support

PKI = support.SOURCE_DIR / "scripts/pki"


class Pki(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="edge-test-")
        self.addCleanup(holder.cleanup)
        self.directory = Path(holder.name) / "pki"

    def run_pki(self, *words, expected=0):
        command = [PKI, "--directory", self.directory, *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
        return done.stdout if expected == 0 else done.stderr

    def openssl(self, *words):
        done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def file(self, kind, name, suffix="crt"):
        return self.directory / kind / f"{name}.{suffix}"

    def verify(self, certificate, *options):
        """What openssl says against the CA and its CRL: None if all is well."""
        code, output = self.openssl(
            "verify", "-CAfile", self.directory / "ca.crt", "-CRLfile", self.directory / "crl.pem",
            "-crl_check", *options, certificate,
        )  # fmt: skip
        return None if code == 0 else output

    def text(self, certificate):
        return self.openssl("x509", "-in", certificate, "-noout", "-text")[1]

    def public_key(self, certificate):
        return self.openssl("x509", "-in", certificate, "-noout", "-pubkey")[1]


class Issued(Pki):
    def setUp(self):
        super().setUp()
        self.run_pki("init")

    def test_a_server_has_its_names_and_is_no_client(self):
        self.run_pki("server", "broker", "--san", "broker.farm.example", "--san", "10.0.0.1", "--san", "fd00::1")
        crt = self.file("server", "broker")
        for check in (["-verify_hostname", "broker"], ["-verify_hostname", "broker.farm.example"],
                      ["-verify_ip", "10.0.0.1"], ["-verify_ip", "fd00::1"]):  # fmt: skip
            self.assertIsNone(self.verify(crt, "-purpose", "sslserver", *check), check)
        self.assertIn("hostname mismatch", self.verify(crt, "-verify_hostname", "other.example"))
        self.assertIn("purpose", self.verify(crt, "-purpose", "sslclient"))

    def test_only_a_server_of_a_cluster_is_a_client_too_and_stays_one(self):
        self.run_pki("server", "c1", "--cluster", "--san", "c1.example")
        crt = self.file("server", "c1")
        for _ in range(2):
            for purpose in ("sslserver", "sslclient"):
                self.assertIsNone(self.verify(crt, "-purpose", purpose, "-verify_hostname", "c1.example"))
            self.run_pki("renew", "c1")
        self.run_pki("node", "gw-1", "--cluster", expected=2)

    def test_a_node_is_a_client_by_its_id_and_no_server(self):
        self.run_pki("node", "gw-1")
        crt = self.file("node", "gw-1")
        self.assertIsNone(self.verify(crt, "-purpose", "sslclient"))
        self.assertIn("purpose", self.verify(crt, "-purpose", "sslserver"))
        self.assertRegex(self.text(crt), r"Subject: CN ?= ?gw-1\n")

    def test_keys_are_p_256_and_belong_to_their_certificates(self):
        self.run_pki("node", "gw-1")
        self.run_pki("server", "broker")
        for kind, name in (("node", "gw-1"), ("server", "broker")):
            self.assertIn("ASN1 OID: prime256v1", self.text(self.file(kind, name)))
            code, public = self.openssl("pkey", "-in", self.file(kind, name, "key"), "-pubout")
            self.assertEqual((code, public), (0, self.public_key(self.file(kind, name))))
        self.assertIn("ASN1 OID: prime256v1", self.text(self.directory / "ca.crt"))

    def test_no_certificate_but_the_cas_can_sign(self):
        self.run_pki("node", "gw-1")
        self.assertIn("CA:FALSE", self.text(self.file("node", "gw-1")))
        self.assertIn("CA:TRUE, pathlen:0", self.text(self.directory / "ca.crt"))

    def test_secrets_are_the_owners_only(self):
        self.run_pki("node", "gw-1")
        self.run_pki("server", "broker")
        self.assertEqual(stat.S_IMODE(self.directory.stat().st_mode), 0o700)
        keys = [p for p in self.directory.rglob("*") if p.suffix == ".key"]
        self.assertEqual(len(keys), 3)
        for key in keys:
            self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600, key)
        self.assertEqual([p for p in self.directory.glob("work.*")], [])

    def test_nothing_is_overwritten(self):
        self.run_pki("node", "gw-1")
        before = {p: p.read_bytes() for p in self.directory.rglob("*") if p.is_file()}
        self.assertIn("already", self.run_pki("init", expected=1))
        self.assertIn("already", self.run_pki("node", "gw-1", expected=1))
        self.assertIn("already", self.run_pki("server", "gw-1", expected=1))
        self.assertEqual(before, {p: p.read_bytes() for p in self.directory.rglob("*") if p.is_file()})

    def test_ids_that_no_topic_could_have_are_refused(self):
        for name in ("gw 1", "gw.1", "gw/1", "gw+", "ä", "devices", "ca", "x" * 65, "../gw", "a$(id)"):
            self.run_pki("node", name, expected=1)
        for name in ("a b", "../broker", "ca", ".a", "a..b", "-a"):
            self.run_pki("server", name, expected=1)
        self.run_pki("server", "broker", "--san", "a b", expected=1)
        self.run_pki("server", "broker", "--san", "a\nbasicConstraints=CA:true", expected=1)
        self.assertEqual(list((self.directory / "node").iterdir()), [])
        self.assertEqual(list((self.directory / "server").iterdir()), [])

    def test_what_goes_where_is_said(self):
        said = self.run_pki("server", "broker")
        for part in ("ca.crt", "crl.pem", "server/broker.crt", "server/broker.key", "/etc/mosquitto/certs"):
            self.assertIn(part, said)
        said = self.run_pki("node", "gw-1")
        for part in ("ca.crt", "node/gw-1.crt", "node/gw-1.key", "/etc/edge/tls", "add-node gw-1"):
            self.assertIn(part, said)


class Life(Pki):
    def setUp(self):
        super().setUp()
        self.run_pki("init")

    def days(self, name):
        row = re.search(rf"(?m)^\w+ +{re.escape(name)} +\d{{4}}-\d\d-\d\d +(\d+)$", self.run_pki("list"))
        return int(row.group(1))

    def test_the_list_says_when_each_ends(self):
        self.run_pki("node", "gw-1", "--days", "30")
        self.run_pki("server", "broker")
        self.assertIn(self.days("gw-1"), (29, 30))
        self.assertIn(self.days("broker"), (729, 730))
        self.assertRegex(self.run_pki("list"), r"(?m)^ca +- +\d{4}-\d\d-\d\d +36(49|50)$")

    def test_renewed_ones_have_the_same_key_and_names(self):
        self.run_pki("server", "broker", "--san", "10.0.0.1", "--san", "b.example", "--days", "10")
        crt = self.file("server", "broker")
        old = self.public_key(crt)
        self.run_pki("renew", "broker")
        self.assertIn(self.days("broker"), (729, 730))
        self.assertEqual(self.public_key(crt), old)
        self.assertIsNone(self.verify(crt, "-purpose", "sslserver", "-verify_ip", "10.0.0.1"))
        self.assertIsNone(self.verify(crt, "-verify_hostname", "b.example"))
        self.run_pki("renew", "broker", "--new-key")
        self.assertNotEqual(self.public_key(crt), old)
        self.assertIsNone(self.verify(crt, "-verify_hostname", "broker"))

    def test_only_what_ends_soon_is_renewed(self):
        self.run_pki("node", "soon", "--days", "10")
        self.run_pki("node", "late", "--days", "100")
        said = self.run_pki("renew", "--within", "30")
        self.assertIn("soon", said)
        self.assertNotIn("late", said)
        self.assertIn(self.days("soon"), (729, 730))
        self.assertIn(self.days("late"), (99, 100))

    def test_what_an_old_ca_signed_is_good_with_the_renewed_one(self):
        self.run_pki("node", "gw-1")
        old = (self.directory / "ca.crt").read_bytes()
        self.run_pki("renew", "ca", "--days", "7000")
        self.assertNotEqual((self.directory / "ca.crt").read_bytes(), old)
        self.assertIsNone(self.verify(self.file("node", "gw-1")))
        self.assertIn("CA:TRUE, pathlen:0", self.text(self.directory / "ca.crt"))

    def test_revoked_is_also_what_was_renewed(self):
        self.run_pki("node", "gw-1")
        self.run_pki("node", "gw-2")
        first = self.directory / "first.crt"
        first.write_bytes(self.file("node", "gw-1").read_bytes())
        self.run_pki("renew", "gw-1", "--new-key")
        second = self.directory / "second.crt"
        second.write_bytes(self.file("node", "gw-1").read_bytes())
        self.assertIsNone(self.verify(first))
        self.assertIn("crl.pem", self.run_pki("revoke", "gw-1"))
        for certificate in (first, second):
            self.assertIn("certificate revoked", self.verify(certificate))
        self.assertIsNone(self.verify(self.file("node", "gw-2")))
        self.assertEqual(len(re.findall(r"(?m)^revoked +gw-1 ", self.run_pki("list"))), 2)
        self.run_pki("revoke", "gw-1", expected=1)
        self.run_pki("node", "gw-1")  # a new machine may have the name
        self.assertIsNone(self.verify(self.file("node", "gw-1")))


class Usage(Pki):
    def test_without_a_ca_nothing_is_made(self):
        for words in (["node", "gw-1"], ["server", "b"], ["list"], ["renew", "b"], ["revoke", "b"]):
            self.assertIn("init", self.run_pki(*words, expected=1))
        self.assertFalse(self.directory.exists())

    def test_wrong_calls_say_how(self):
        for words in ([], ["node"], ["server"], ["make", "x"], ["revoke"], ["list", "x"], ["init", "--days"]):
            self.assertIn("usage:", self.run_pki(*words, expected=2))
        self.run_pki("init", "--days", "ten", expected=2)
        self.run_pki("init")
        self.run_pki("node", "gw-1", "--san", "x", expected=2)
        self.run_pki("node", "gw-1", "--days", "0", expected=2)


if __name__ == "__main__":
    support.main()
