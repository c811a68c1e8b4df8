"""The configuration file: sections and keys with what they mean, their defaults and limits."""

import configparser
import ssl
from pathlib import Path

# section: {key: (default, least, most, help)}; without limits it is text.
KEYS = {
    "broker": {
        "address": ("127.0.0.1", None, None, "host, or several with spaces, tried in turn; host:port"),
        "port": (1883, 1, 65535, "where none is given with a host"),
        "username": ("", None, None, "MQTT user"),
        "password_file": ("", None, None, "file with its password, readable by this service alone"),
        "ca": ("", None, None, "certificate authority (PEM): with it, the connection is TLS"),
        "certificate": ("", None, None, "client certificate (PEM)"),
        "key": ("", None, None, "its key (PEM)"),
        "keepalive_s": (15, 5, 3600, "silence after which the broker is asked"),
        "session_expiry_s": (604800, 60, 31622400, "how long the broker keeps what waits for us"),
        "receive_maximum": (1000, 10, 65535, "messages on their way to us, which a commit acknowledges"),
        "retry_max_s": (30, 1, 3600, "longest wait before the next attempt; also for the database"),
    },
    "database": {
        "dsn": ("dbname=edge", None, None, "as libpq has it; passwords belong in its password file"),
    },
    "store": {
        "site": ("centre", None, None, "where this consumer is, as a node of the topic tree"),
        "node": ("fleet-store", None, None, "its name there"),
        "sink": ("", None, None, "name in the gateways' `sinks`; the node's if empty"),
        "prefix": ("edge", None, None, "what all topics begin with"),
        "sites": ("+", None, None, "whose gateways: ids of sites with spaces, or + for all"),
        "commit_ms": (200, 10, 10000, "between commits, at most"),
        "commit_rows": (5000, 1, 100000, "of one commit, about"),
        "memory_mib": (64, 1, 4096, "what waits for the database; then nothing is read any more"),
        "ack_ms": (2000, 100, 60000, "between acknowledgements to one gateway"),
        "give_up_s": (3600, 1, 31622400, "how long a hole that cannot fill holds up the acknowledgement"),
        "gateways": (10000, 1, 1000000, "how many may have something stored"),
        "series": (200000, 1, 10000000, "how many messages they may have in all"),
        "metrics_s": (10, 1, 3600, "between metrics"),
    },
}


class Wrong(Exception):
    """The configuration cannot be used; the text says where and why."""


class Settings:
    """settings.commit_ms and so on; keys are unique over all sections."""

    def __init__(self, values):
        self.__dict__.update(values)
        self.sink = self.sink or self.node
        self.sites = self.sites.split()

    @property
    def addresses(self):
        pairs = (word.rpartition(":") for word in self.address.split())
        return [(host, int(port)) if host else (port, self.port) for host, _, port in pairs]

    @property
    def password(self):
        return Path(self.password_file).read_text(encoding="utf-8").strip() if self.password_file else ""

    def tls(self):
        """Certificate and host name are always checked. None: no TLS."""
        if not self.ca:
            return None
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate:
            context.load_cert_chain(self.certificate, self.key or None)
        return context


def _value(path, section, key, text):
    fallback, least, most, _ = KEYS[section][key]
    if least is None:
        return text
    try:
        number = int(text)
    except ValueError:
        raise Wrong(f"{path}: [{section}] {key}: '{text}' is no number") from None
    if not least <= number <= most:
        raise Wrong(f"{path}: [{section}] {key}: {number} is not from {least} to {most}")
    return number


def load(path):
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise Wrong(f"{path}: {error}") from None
    values = {key: row[0] for keys in KEYS.values() for key, row in keys.items()}
    for section in parser.sections():
        for key, text in parser.items(section):
            if key not in KEYS.get(section, {}):
                raise Wrong(f"{path}: [{section}] {key}: no such key; see --print-defaults")
            values[key] = _value(path, section, key, text)
    settings = Settings(values)
    try:
        _ = settings.addresses, settings.password, settings.tls()
    except (OSError, ValueError) as error:
        raise Wrong(f"{path}: {error}") from None
    return settings


def defaults():
    """A configuration file that says all of it."""
    lines = []
    for section, keys in KEYS.items():
        lines.append(f"[{section}]")
        for key, (fallback, least, most, text) in keys.items():
            limits = "" if least is None else f" ({least} to {most})"
            lines += [f"# {text}{limits}", f"{key} = {fallback}".rstrip()]
        lines.append("")
    return "\n".join(lines[:-1])
