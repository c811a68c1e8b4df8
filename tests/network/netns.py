"""Hosts of a test as network namespaces around a router, and what can go wrong between them.

    with netns.Network() as network:
        site, centre = network.host("site"), network.host("centre")
        site.run("ping", "-c", "1", centre.address)       # or start a process with site.command(argv)
        centre.drop()                                     # a black hole
        centre.heal()

Every host has one link (eth0) to the router, which forwards between them, and that is where faults
are made: neither side is told. A namespace has no name and lives as long as a process in it, so
nothing is left behind, however the test ends; the machine's own network is not touched.

It needs root, nsenter and unshare (util-linux), iproute2, and iptables-legacy for all faults but
down(): missing() says what is not there.
"""

import os
import shutil
import subprocess

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
PROGRAMS = {
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "setpriv": "util-linux",
    "ip": "iproute2",
    "tc": "iproute2",
    "iptables-legacy": "iptables",
}
# Whether the kernel has what the faults need, in a namespace that is gone afterwards.
PROBE = """
ip link add probe type veth peer name other
tc qdisc add dev probe root tbf rate 256kbit burst 4k latency 400ms
iptables-legacy -A FORWARD -m statistic --mode random --probability 0.1 -j DROP
iptables-legacy -A FORWARD -p tcp -j REJECT --reject-with tcp-reset
"""
NETWORK = "10.64"  # of the hosts; nobody else is in these namespaces


def missing():
    """Why there can be no network here, as a phrase for a person; None when there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for program, package in PROGRAMS.items():
        if shutil.which(program, path=PATH) is None:
            return f"{program} is not there (Debian's package {package})"
    probe = subprocess.run(
        ["unshare", "--net", "sh", "-euc", PROBE],
        capture_output=True, text=True, env={**os.environ, "PATH": PATH},
    )  # fmt: skip
    return None if probe.returncode == 0 else f"no such networks here: {probe.stderr.strip()}"


class Namespace:
    """Lives until close(), or until this process ends and nothing else runs in it."""

    def __init__(self):
        hold = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "sh", "-c", "echo; exec cat"]
        self._holder = subprocess.Popen(
            hold, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        if self._holder.stdout.readline() != b"\n":
            raise RuntimeError("cannot make a network namespace")
        self.pid = self._holder.pid
        self.run("ip", "link", "set", "lo", "up")

    def command(self, argv):
        """The argument list that runs `argv` in here."""
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--", *map(str, argv)]

    def run(self, *argv):
        """Runs it to its end; what it says is in the exception when it fails."""
        done = subprocess.run(
            self.command(argv), capture_output=True, text=True, env={**os.environ, "PATH": PATH}
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, argv))}: {done.stderr.strip()}")
        return done.stdout

    def close(self):
        self._holder.kill()
        self._holder.wait()
        self._holder.stdin.close()
        self._holder.stdout.close()


class Host(Namespace):
    """One machine. Faults are of its link, in both directions, until heal(); they may be combined."""

    def __init__(self, router, name, number):
        super().__init__()
        self.name = name
        self.address = f"{NETWORK}.{number}.2"
        self._gateway = f"{NETWORK}.{number}.1"
        self._router = router
        self._port = f"host{number}"
        self._chain = f"faults-{number}"
        self._connect()

    def _connect(self):
        self._router.run(
            "ip", "link", "add", self._port, "type", "veth",
            "peer", "name", "eth0", "netns", self.pid,
        )  # fmt: skip
        self._router.run("ip", "address", "add", f"{self._gateway}/24", "dev", self._port)
        self._router.run("ip", "link", "set", self._port, "up")
        self.run("ip", "address", "add", f"{self.address}/24", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")
        self.run("ip", "route", "add", "default", "via", self._gateway)
        self._iptables("-N", self._chain)
        self._iptables("-A", "FORWARD", "-i", self._port, "-j", self._chain)
        self._iptables("-A", "FORWARD", "-o", self._port, "-j", self._chain)

    def _iptables(self, *rule):
        self._router.run("iptables-legacy", "--wait", *rule)

    def unplug(self):
        """The cable is out: carrier lost at the host, and the router says that it is unreachable."""
        self._router.run("ip", "link", "set", self._port, "down")

    def disable(self):
        """The host's own interface is down: it can send nothing, and knows it."""
        self.run("ip", "link", "set", "eth0", "down")

    def drop(self, probability=1.0):
        """Loses packets: some of them, or all (a black hole)."""
        chance = ("-m", "statistic", "--mode", "random", "--probability", f"{probability}")
        self._iptables("-A", self._chain, *(chance if probability < 1 else ()), "-j", "DROP")

    def reset(self):
        """Whoever sends TCP over this link has its connection reset; none can be made."""
        reject = ("-j", "REJECT", "--reject-with", "tcp-reset")
        self._iptables("-A", self._chain, "-p", "tcp", *reject)

    def slow(self, rate="256kbit"):
        for namespace, device in ((self._router, self._port), (self, "eth0")):
            namespace.run(
                "tc", "qdisc", "replace", "dev", device, "root",
                "tbf", "rate", rate, "burst", "4k", "latency", "400ms",
            )  # fmt: skip

    def heal(self):
        """Ends every fault of this link."""
        self._iptables("-F", self._chain)
        self._router.run("ip", "link", "set", self._port, "up")
        self.run("ip", "link", "set", "eth0", "up")
        self.run("ip", "route", "replace", "default", "via", self._gateway)
        for namespace, device in ((self._router, self._port), (self, "eth0")):
            if " tbf " in namespace.run("tc", "qdisc", "show", "dev", device):
                namespace.run("tc", "qdisc", "del", "dev", device, "root")


class Network:
    """A router and its hosts; a context manager, or call close()."""

    def __init__(self):
        self.hosts = {}
        self._router = Namespace()
        self._router.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")

    def host(self, name):
        """A new host; its address is `host.address`."""
        if name in self.hosts:
            raise ValueError(f"there is a host {name} already")
        self.hosts[name] = Host(self._router, name, len(self.hosts) + 1)
        return self.hosts[name]

    def close(self):
        for host in self.hosts.values():
            host.close()
        self._router.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
