"""Home Assistant's rules for MQTT discovery, as far as its own validation goes: what it would refuse,
and what it would take but not show as meant."""

import datetime
import json
import re
from types import SimpleNamespace

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

TOPIC = re.compile(r"[^+#]+/device/[a-zA-Z0-9_-]+/([a-zA-Z0-9_-]+)/config")
ROOT_KEYS = {
    "dev", "o", "cmps", "avty", "avty_t", "avty_mode", "avty_tpl", "pl_avail", "pl_not_avail",
    "stat_t", "cmd_t", "qos", "e",
}  # fmt: skip
DEVICE_KEYS = {"ids", "cns", "name", "mf", "mdl", "mdl_id", "sw", "hw", "sn", "sa", "cu", "via_device"}
COMMON_KEYS = {"p", "uniq_id", "name", "ic", "ent_cat", "en", "dev_cla", "avty", "avty_mode", "qos"}

# What each platform needs, and what else it knows of the keys that we write.
PLATFORMS = {
    "sensor": ({"stat_t"}, {"val_tpl", "unit_of_meas", "stat_cla", "sug_dsp_prc", "ops"}),
    "binary_sensor": ({"stat_t"}, {"val_tpl", "pl_on", "pl_off"}),
    "switch": ({"cmd_t"}, {"stat_t", "val_tpl", "pl_on", "pl_off", "stat_on", "stat_off"}),
    "number": ({"cmd_t"}, {"stat_t", "val_tpl", "cmd_tpl", "min", "max", "step", "mode",
                           "unit_of_meas"}),
    "select": ({"cmd_t", "ops"}, {"stat_t", "val_tpl", "cmd_tpl"}),
    "button": ({"cmd_t"}, {"pl_prs"}),
    "climate": (set(), {
        "modes", "mode_cmd_t", "mode_cmd_tpl", "mode_stat_t", "mode_stat_tpl", "temp_cmd_t",
        "temp_stat_t", "temp_stat_tpl", "temp_lo_cmd_t", "temp_lo_cmd_tpl", "temp_lo_stat_t",
        "temp_lo_stat_tpl", "temp_hi_cmd_t", "temp_hi_cmd_tpl", "temp_hi_stat_t",
        "temp_hi_stat_tpl", "curr_temp_t", "curr_temp_tpl", "act_t", "act_tpl",
        "pr_modes", "pr_mode_cmd_t", "pr_mode_cmd_tpl", "pr_mode_stat_t", "pr_mode_val_tpl",
        "min_temp", "max_temp", "temp_step", "temp_unit",
    }),
    "fan": ({"cmd_t"}, {
        "stat_t", "stat_val_tpl", "pl_on", "pl_off", "pct_cmd_t", "pct_stat_t", "pct_val_tpl",
        "spd_rng_min", "spd_rng_max",
    }),
    "cover": (set(), {
        "cmd_t", "pl_open", "pl_cls", "pl_stop", "stat_t", "val_tpl", "pos_t", "pos_tpl",
        "set_pos_t", "pos_open", "pos_clsd",
    }),
    "light": ({"cmd_t"}, {
        "stat_t", "stat_val_tpl", "pl_on", "pl_off", "on_cmd_type", "bri_cmd_t", "bri_stat_t",
        "bri_val_tpl", "bri_scl",
    }),
    "valve": (set(), {
        "cmd_t", "stat_t", "val_tpl", "pl_open", "pl_cls", "stat_open", "stat_clsd",
        "reports_position", "pos_open", "pos_clsd",
    }),
    "event": ({"stat_t", "evt_typ"}, {"val_tpl"}),
}  # fmt: skip

ENERGY = "J kJ MJ GJ mWh Wh kWh MWh GWh TWh cal kcal Mcal Gcal"
PRESSURE = "mPa Pa hPa kPa bar cbar mbar mmHg inHg inH₂O psi"
SPEED = "ft/s in/s m/min m/s km/h kn mph mm/s"
VOLUME = "ft³ CCF MCF m³ L mL gal"
UNITS = {
    "absolute_humidity": "g/m³ mg/m³",
    "apparent_power": "mVA VA kVA",
    "area": "m² cm² km² mm² in² ft² yd² mi² ac ha",
    "atmospheric_pressure": PRESSURE,
    "battery": "%",
    "carbon_dioxide": "ppm",
    "carbon_monoxide": "ppb ppm μg/m³ mg/m³",
    "conductivity": "S/cm mS/cm μS/cm",
    "current": "μA mA A",
    "data_rate": "bit/s kbit/s Mbit/s Gbit/s B/s kB/s MB/s GB/s KiB/s MiB/s GiB/s",
    "data_size": "bit kbit Mbit Gbit B kB MB GB TB KiB MiB GiB TiB",
    "distance": "mm cm m km in ft yd mi nmi",
    "duration": "d h min s ms μs",
    "energy": ENERGY,
    "energy_distance": "kWh/100km Wh/km mi/kWh km/kWh",
    "energy_storage": ENERGY,
    "frequency": "mHz Hz kHz MHz GHz",
    "humidity": "%",
    "illuminance": "lx",
    "irradiance": "W/m² BTU/(h⋅ft²)",
    "moisture": "%",
    "power": "mW W kW MW GW TW",
    "pressure": PRESSURE,
    "reactive_energy": "varh kvarh",
    "reactive_power": "mvar var kvar",
    "signal_strength": "dB dBm",
    "sound_pressure": "dB dBA",
    "speed": SPEED + " in/d in/h mm/d mm/h",
    "temperature": "°C °F K",
    "voltage": "μV mV V kV MV",
    "volume": VOLUME,
    "volume_flow_rate": "m³/h m³/min m³/s ft³/min L/h L/min L/s gal/h gal/min gal/d mL/s",
    "volume_storage": VOLUME,
    "water": "CCF MCF ft³ m³ L gal",
    "weight": "g kg mg μg oz lb st",
    "wind_direction": "°",
    "wind_speed": SPEED + " Beaufort",
}
WITHOUT_UNIT = {"enum", "timestamp", "ph", "power_factor"}
TOTALS = {"total", "total_increasing"}
STATES = {
    **{name: TOTALS for name in ("energy", "gas", "water", "volume", "reactive_energy")},
    **{name: TOTALS | {"measurement"} for name in ("duration", "distance", "weight")},
    **{name: set() for name in ("enum", "timestamp", "date", "uptime")},
    "wind_direction": {"measurement_angle"},
}
BINARY_CLASSES = set(
    "battery battery_charging carbon_monoxide cold connectivity door garage_door gas heat light lock"
    " moisture motion moving occupancy opening plug power presence problem running safety smoke sound"
    " tamper update vibration window".split()
)
HVAC_MODES = {"auto", "off", "cool", "heat", "dry", "fan_only", "heat_cool"}
HVAC_ACTIONS = {"off", "heating", "cooling", "drying", "idle", "fan", "preheating", "defrosting"}
NUMBER = re.compile(r"-?[0-9.]+(e[+-]?[0-9]+)?")


def is_topic(text):
    return isinstance(text, str) and text != "" and not re.search(r"[+#\0]", text)


def device_faults(topic, payload):
    """What Home Assistant would refuse of one device, as texts."""
    if not TOPIC.fullmatch(topic):
        yield f"{topic}: no topic that it subscribes to"
    if len(payload.encode()) > 64 * 1024:
        yield "larger than 64 KiB"
    device = json.loads(payload)
    for key in device.keys() - ROOT_KEYS:
        yield f"root: unknown key {key} loses the whole device"
    info = device.get("dev", {})
    if not (info.get("ids") or info.get("cns")):
        yield "dev: neither ids nor cns"
    for key in info.keys() - DEVICE_KEYS:
        yield f"dev: unknown key {key}"
    if not device.get("o", {}).get("name"):
        yield "o: no name"
    if not device.get("cmps"):
        yield "no components"
    yield from availability_faults(device)
    for key, component in device.get("cmps", {}).items():
        if not re.fullmatch(r"[a-zA-Z0-9_-]+", key):
            yield f"{key}: cannot be an object id"
        for fault in component_faults(component, info.get("name", "")):
            yield f"{key}: {fault}"


def availability_faults(holder):
    if "avty" not in holder:
        return
    if holder.get("avty_mode") != "all":
        yield "availability: mode is not all"
    for item in holder["avty"]:
        if item.keys() - {"t", "val_tpl", "pl_avail", "pl_not_avail"} or not is_topic(item.get("t")):
            yield f"availability: {item}"


def component_faults(component, device_name):
    platform = component.get("p")
    if platform not in PLATFORMS:
        yield f"unknown platform {platform}"
        return
    if component.get("qos") != 1:
        yield "qos is not said where every release reads it"
    if not component.get("uniq_id"):
        yield "no unique id"
    required, known = PLATFORMS[platform]
    for key in required - component.keys():
        yield f"{key} is missing"
    for key in component.keys() - required - known - COMMON_KEYS:
        yield f"unknown key {key} for a {platform}"
    for key, value in component.items():
        if (key == "stat_t" or key.endswith(("_t",))) and not is_topic(value):
            yield f"{key} is no topic: {value!r}"
    name = component.get("name", "")
    if name is not None and device_name and name.lower().startswith(device_name.lower() + " "):
        yield f"the name {name!r} repeats that of the device"
    yield from availability_faults(component)
    if component.get("ent_cat") not in (None, "config", "diagnostic"):
        yield "entity category"
    if component.get("ent_cat") == "config" and platform in ("sensor", "binary_sensor"):
        yield "a sensor cannot have the category config"
    yield from {"sensor": sensor_faults, "number": number_faults, "climate": climate_faults,
                "binary_sensor": binary_sensor_faults, "select": select_faults,
                "cover": cover_faults, "valve": valve_faults}.get(platform, no_faults)(component)  # fmt: skip


def no_faults(_):
    return ()


def sensor_faults(c):
    device_class, unit, state = c.get("dev_cla"), c.get("unit_of_meas"), c.get("stat_cla")
    if device_class is not None and device_class not in UNITS and device_class not in WITHOUT_UNIT:
        yield f"unknown device class {device_class}"
    elif device_class in UNITS and unit not in UNITS[device_class].split():
        yield f"device class {device_class} does not take the unit {unit}"
    plain = {"measurement"} if device_class else TOTALS | {"measurement"}
    if state is not None and state not in STATES.get(device_class, plain):
        yield f"device class {device_class} does not take the state class {state}"
    if (device_class == "enum") != ("ops" in c):
        yield "options and enum go together"
    if device_class == "enum" and (unit or len(set(c["ops"])) != len(c["ops"]) or not c["ops"]):
        yield "an enum has options, each once, and no unit"
    if "ops" in c and any(o != o.strip() or not 0 < len(o) <= 255 for o in c["ops"]):
        yield "an option that no state can equal"
    if unit is not None and (unit == "" or "µ" in unit):
        yield f"unit {unit!r}"
    if not 0 <= c.get("sug_dsp_prc", 0) <= 15:
        yield "display precision"


def binary_sensor_faults(c):
    if c.get("dev_cla") is not None and c["dev_cla"] not in BINARY_CLASSES:
        yield f"unknown device class {c['dev_cla']}"
    if c.get("pl_on", "ON") == c.get("pl_off", "OFF"):
        yield "on and off are the same"


def number_faults(c):
    if c.get("max", 100) < c.get("min", 1):
        yield "max is below min"
    if c.get("step", 1) < 0.001:
        yield "step"
    if c.get("mode", "auto") not in ("auto", "box", "slider"):
        yield "mode"


def select_faults(c):
    if not c["ops"] or len(set(c["ops"])) != len(c["ops"]):
        yield "options"


def climate_faults(c):
    if set(c.get("modes", [])) - HVAC_MODES:
        yield "modes"
    if "pr_modes" in c and ("none" in c["pr_modes"] or "pr_mode_cmd_t" not in c):
        yield "preset modes"
    if c.get("temp_unit", "C") not in ("C", "F"):
        yield "temperature unit"
    if not c.get("min_temp", 7) < c.get("max_temp", 35):
        yield "temperature limits"
    low, high = ({k[8:] for k in c if k.startswith(f"temp_{end}_")} for end in ("lo", "hi"))
    if low != high or ("heat_cool" in c.get("modes", [])) != bool(low):
        yield "heating and cooling needs two ends, and nothing else has them"


def cover_faults(c):
    if "set_pos_t" in c and "pos_t" not in c:
        yield "a position that can be set but is not told"
    for key in ("pos_open", "pos_clsd"):
        if not isinstance(c.get(key, 0), int):
            yield f"{key} is no whole number"


def valve_faults(c):
    words = {"pl_open", "pl_cls", "stat_open", "stat_clsd"}
    if c.get("reports_position") and words & c.keys():
        yield "a valve with a position has no words"


def faults(messages):
    """Of several payloads together: [(topic, payload), ...]."""
    seen = {}
    devices = {identifier for _, p in messages for identifier in json.loads(p)["dev"]["ids"]}
    for topic, payload in messages:
        for fault in device_faults(topic, payload):
            yield f"{topic}: {fault}"
        via = json.loads(payload)["dev"].get("via_device")
        if via is not None and via not in devices:
            yield f"{topic}: there is no device {via}, by which it is reached"
        for key, component in json.loads(payload).get("cmps", {}).items():
            unique_id = component.get("uniq_id")
            if unique_id in seen:
                yield f"{topic}: {key}: unique id {unique_id} is that of {seen[unique_id]}, too"
            seen[unique_id] = f"{topic}: {key}"


# --- templates


class Renderer:
    """Templates as Home Assistant renders them, strictly: what is not defined is an error."""

    def __init__(self):
        self._environment = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
        self._environment.globals["as_datetime"] = lambda stamp: datetime.datetime.fromtimestamp(
            stamp, datetime.timezone.utc
        )

    def render(self, template, payload, state="unknown"):
        variables = {"value": payload, "this": SimpleNamespace(state=state)}
        try:
            variables["value_json"] = json.loads(payload)
        except ValueError:
            pass
        return self._environment.from_string(template).render(variables).strip()


def templates(component):
    """Its templates for what comes in: (topic, template)."""
    pairs = {
        "val_tpl": "stat_t", "stat_val_tpl": "stat_t", "mode_stat_tpl": "mode_stat_t",
        "temp_stat_tpl": "temp_stat_t", "temp_lo_stat_tpl": "temp_lo_stat_t",
        "temp_hi_stat_tpl": "temp_hi_stat_t", "curr_temp_tpl": "curr_temp_t", "act_tpl": "act_t",
        "pr_mode_val_tpl": "pr_mode_stat_t", "pos_tpl": "pos_t", "pct_val_tpl": "pct_stat_t",
        "bri_val_tpl": "bri_stat_t",
    }  # fmt: skip
    if "stat_t" in component and not component.keys() & {"val_tpl", "stat_val_tpl"}:
        yield "val_tpl", component["stat_t"], "{{ value }}"
    for key, topic in pairs.items():
        if key in component and topic in component:
            yield key, component[topic], component[key]


def climate_state_fault(key, component, text):
    if key == "act_tpl" and text not in HVAC_ACTIONS:
        return f"{text!r} is no action"
    if key == "mode_stat_tpl" and text not in component["modes"]:
        return f"{text!r} is none of the modes"
    if key == "pr_mode_val_tpl" and text not in component["pr_modes"] + ["none"]:
        return f"{text!r} is none of the presets"
    is_temperature = "temp_" in key  # which is None where nobody knows it
    if is_temperature and text != "None" and not NUMBER.fullmatch(text):
        return f"{text!r} is no temperature"
    return None


def state_faults(key, component, text):
    """Why a rendered state would not be taken, or complained about in the log."""
    platform = component["p"]
    if platform == "sensor" and text not in ("", "None"):
        if "ops" in component and text not in component["ops"] + ["unknown"]:
            return f"{text!r} is none of the options"
        is_number = component.get("stat_cla") or component.get("unit_of_meas")
        if is_number and not NUMBER.fullmatch(text):
            return f"{text!r} is no number"
        if len(text) > 255:
            return "longer than a state may be"
    if platform == "binary_sensor" and text not in ("", "None"):
        if text not in (component.get("pl_on", "ON"), component.get("pl_off", "OFF")):
            return f"{text!r} is neither on nor off"
    if platform in ("light", "fan") and key == "stat_val_tpl":
        if text not in (component["pl_on"], component["pl_off"], "None"):
            return f"{text!r} is neither on nor off"
    if platform == "climate":
        return climate_state_fault(key, component, text)
    if platform == "event" and text != "":
        event = json.loads(text)
        if event.get("event_type") not in component["evt_typ"]:
            return f"{text!r} is no event of its types"
    return None
