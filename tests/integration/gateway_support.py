"""A gateway under test: its configuration, its topics, and the life cycle of the process."""

import copy
import json

import support
import yaml

PROGRAM = support.BIN_DIR / "edge-gateway"
EXAMPLES = support.SOURCE_DIR / "examples"
GREENHOUSE_DBC = EXAMPLES / "greenhouse.dbc"
GREENHOUSE_LOG = EXAMPLES / "greenhouse.log"

ROOT = "edge/demo/gw1"  # of the configurations below
BUS = f"{ROOT}/can/can0"


def simulated_bus():
    """The greenhouse of the examples, published as often as the test needs it."""
    return {
        "driver": "simulate",
        "simulate": {"time_factor": 30},
        "dbc": str(GREENHOUSE_DBC),
        "defaults": {"min_interval": "50ms", "max_interval": "2s"},
        "commands": {"HeaterCommand": {}, "VentCommand": {"signals": ["Position"]}},
    }


def replayed_bus(log=GREENHOUSE_LOG, dbc=GREENHOUSE_DBC, speed=0):
    return {
        "driver": "replay",
        "replay": {"file": str(log), "speed": speed},
        "dbc": str(dbc),
        "defaults": {"publish": "every"},
    }


def configuration(port, bus=None, metrics_interval="200ms", **broker):
    """gateway.yaml as a dictionary, with short retries; `broker` are more keys of its section."""
    return {
        "site": "demo",
        "node": "gw1",
        "broker": {
            "address": support.HOST,
            "port": port,
            "retry_min": "20ms",
            "retry_max": "200ms",
            **broker,
        },
        "metrics_interval": metrics_interval,
        "buses": {"can0": bus or simulated_bus()},
    }


class TestCase(support.TestCase):
    def write_configuration(self, settings, name="gateway.yaml"):
        path = self.directory / name
        # PyYAML would write anchors for what occurs twice, and the gateway refuses them.
        path.write_text(yaml.safe_dump(copy.deepcopy(settings), allow_unicode=True))
        return path

    def start_gateway(self, settings, name="edge-gateway"):
        path = self.write_configuration(settings, f"{name}.yaml")
        return self.start_process([PROGRAM, "run", "-c", path], name=name)

    def start_plant(self, **options):
        """A broker, a client that hears everything of the gateway, and a gateway that is online."""
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe("edge/#")
        self.gateway = self.start_gateway(configuration(self.broker.port, **options))
        self.client.wait_topic(f"{ROOT}/status", "online")

    def wait_metrics(self, predicate=lambda metrics: True, **options):
        """The first metrics message for which the predicate holds, decoded."""
        return self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/metrics" and predicate(m.json), **options
        ).json


def exact_json(text):
    """JSON with its numbers as they are written: 21.50 and 21.5 differ."""
    return json.loads(text, parse_float=_Number, parse_int=_Number)


class _Number(str):
    """A number's text; never equal to a label that looks like it."""

    def __eq__(self, other):
        return isinstance(other, _Number) and str.__eq__(self, other)

    __hash__ = str.__hash__
