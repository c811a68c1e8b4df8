"""Certificates of scripts/pki for a cluster and its clients, in a folder of the test's own."""

import shutil
import subprocess
from pathlib import Path

import support_path  # noqa: F401
import support


class Pki:
    def __init__(self, directory):
        self.directory = Path(directory)
        self._own = self.directory / "pki"
        self.ca = self._own / "ca.crt"
        self._run("init")

    def _run(self, *arguments):
        argv = [support.SOURCE_DIR / "scripts/pki", "--directory", self._own, *arguments]
        subprocess.run(argv, check=True, capture_output=True)

    def server(self, name, address):
        """The folder with server.crt, server.key and ca.crt of a node of the cluster."""
        self._run("server", name, "--san", address, "--cluster")
        folder = self.directory / f"certs-{name}"
        folder.mkdir()
        for suffix in ("crt", "key"):
            shutil.copy(self._own / f"server/{name}.{suffix}", folder / f"server.{suffix}")
        shutil.copy(self.ca, folder / "ca.crt")
        return folder

    def client(self, name):
        """Its files: of the CA, the certificate, the key."""
        certificate = self._own / f"node/{name}.crt"
        if not certificate.exists():
            self._run("node", name)
        return self.ca, certificate, certificate.with_suffix(".key")
