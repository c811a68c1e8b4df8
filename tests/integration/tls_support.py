"""Certificates for tests of TLS, made by openssl in the test's own folder, good ones and bad ones of every kind."""

import getpass
import os
import shutil
import subprocess
from pathlib import Path

import support

CONFIG = """
[ca]
default_ca = own
[own]
dir = {directory}
database = $dir/index
new_certs_dir = $dir
serial = $dir/serial
crlnumber = $dir/crlnumber
certificate = $dir/ca.pem
private_key = $dir/ca.key
default_md = sha256
default_days = 90
default_crl_days = 30
policy = any
unique_subject = no
copy_extensions = copyall
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[ca_extensions]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""

MOSQUITTO = """
user {user}
allow_anonymous true
listener {port} 127.0.0.1
cafile {ca}
certfile {certificate}
keyfile {key}
"""
OPENSSL = """
openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = limits
[limits]
MaxProtocol = {newest}
"""

EXPIRED = ("20200101000000Z", "20210101000000Z")
FUTURE = ("20900101000000Z", "20910101000000Z")


def openssl(*words, directory=None):
    command = ["openssl", *map(str, words)]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}:\n{done.stderr}")
    return done.stdout


class Certificate:
    """The two files of one certificate."""

    def __init__(self, stem):
        self.certificate = Path(f"{stem}.pem")
        self.key = Path(f"{stem}.key")


class Authority:
    """A CA in a folder of its own."""

    def __init__(self, directory, name="site"):
        self.directory = Path(directory) / f"ca-{name}"
        self.directory.mkdir()
        (self.directory / "index").touch()
        for counter in ("serial", "crlnumber"):
            (self.directory / counter).write_text("1000\n")
        self.config = self.directory / "openssl.cnf"
        self.config.write_text(CONFIG.format(directory=self.directory))
        self.ca = self.directory / "ca.pem"
        self.crl = self.directory / "crl.pem"
        openssl(
            "req", "-new", "-x509", "-config", self.config, "-extensions", "ca_extensions", "-subj", f"/CN={name} CA",
            "-days", 90, "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-keyout", self.directory / "ca.key", "-out", self.ca,
        )  # fmt: skip

    def issue(self, name, names="IP:127.0.0.1, DNS:localhost", usage="serverAuth, clientAuth", dates=None, password=None):
        """A certificate for `name` with these alternative names; `dates` from and until, as openssl writes them."""
        made = Certificate(self.directory / name)
        request = self.directory / f"{name}.csr"
        key = ["-passout", f"pass:{password}"] if password else ["-nodes"]
        openssl(
            "req", "-new", "-config", self.config, "-subj", f"/CN={name}", "-newkey", "ec",
            "-pkeyopt", "ec_paramgen_curve:P-256", *key, "-keyout", made.key, "-out", request,
            "-addext", f"subjectAltName={names}", "-addext", f"extendedKeyUsage={usage}",
        )  # fmt: skip
        when = ["-startdate", dates[0], "-enddate", dates[1]] if dates else []
        openssl("ca", "-batch", "-config", self.config, "-in", request, "-out", made.certificate, "-notext", *when)
        return made

    def revoke(self, certificate):
        openssl("ca", "-config", self.config, "-revoke", certificate.certificate)
        return self.publish_crl()

    def publish_crl(self):
        openssl("ca", "-config", self.config, "-gencrl", "-out", self.crl)
        return self.crl


class Broker(support.Process):
    """mosquitto with one TLS listener."""

    def __init__(self, directory, authority, certificate, extra="", newest="TLSv1.3"):
        path = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin")
        self.port = support.free_port()
        text = MOSQUITTO.format(
            user=getpass.getuser(), port=self.port, ca=authority.ca, certificate=certificate.certificate, key=certificate.key
        )
        config = directory / f"mosquitto-{self.port}.conf"
        config.write_text(text + extra)
        limits = directory / f"openssl-{newest}.cnf"  # mosquitto itself can only be told the oldest version
        limits.write_text(OPENSSL.format(newest=newest))
        super().__init__(
            [path, "-v", "-c", config], directory, f"mosquitto-{self.port}", {"OPENSSL_CONF": str(limits)}
        )

    def start(self):
        super().start()
        self.wait_log(r"mosquitto version .* running")
        return self
