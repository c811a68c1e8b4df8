/*
 * Payloads as they come, made safe to use: a foreign or damaged one gives null or a default, never an
 * exception. The schemas are in topics/schemas/.
 */

export type Value = number | string | boolean | null;
export type Quality = "good" | "stale" | "out_of_range" | "not_available";
export type Json = Record<string, unknown>;

export function parseObject(text: string): Json | null {
    if (!text.startsWith("{")) return null;
    try {
        return JSON.parse(text) as Json;
    } catch {
        return null;
    }
}

export function asObject(x: unknown): Json {
    return typeof x === "object" && x !== null && !Array.isArray(x) ? (x as Json) : {};
}
export function asArray(x: unknown): unknown[] {
    return Array.isArray(x) ? x : [];
}
export function asText(x: unknown, otherwise = ""): string {
    return typeof x === "string" ? x : otherwise;
}
export function asNumber(x: unknown): number | undefined {
    return typeof x === "number" && Number.isFinite(x) ? x : undefined;
}
export function asCount(x: unknown): number {
    return asNumber(x) ?? 0;
}
export function asTexts(x: unknown): string[] {
    return asArray(x).filter((item): item is string => typeof item === "string");
}
export function asValue(x: unknown): Value {
    return typeof x === "number" || typeof x === "string" || typeof x === "boolean" ? x : null;
}
export function asQuality(x: unknown): Quality {
    return x === "stale" || x === "out_of_range" || x === "not_available" ? x : "good";
}

/** A plain payload of layout `signal`: a number if it is one. */
export function plainValue(text: string): Value {
    return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
}

export interface Info {
    program: string;
    version: string;
    started: number | undefined;
    configuration: string;
    buses: string[];
    devices: string[];
    capabilities: string[];
}

export function readInfo(json: Json): Info | null {
    if (typeof json["program"] !== "string" || !Array.isArray(json["buses"])) return null;
    return {
        program: json["program"],
        version: asText(json["version"]),
        started: asNumber(json["started"]),
        configuration: asText(json["configuration"]),
        buses: asTexts(json["buses"]),
        devices: asTexts(json["devices"]),
        capabilities: asTexts(json["capabilities"]),
    };
}

export interface DeviceState {
    value: Value;
    target: Value;
    source: string;
    reason: string;
    since: number | undefined;
    until: number | undefined;
    quality: Quality;
}

export function readDeviceState(json: Json): DeviceState {
    return {
        value: asValue(json["value"]),
        target: asValue(json["target"]),
        source: asText(json["source"]),
        reason: asText(json["reason"]),
        since: asNumber(json["since"]),
        until: asNumber(json["until"]),
        quality: asQuality(json["quality"]),
    };
}

const ALARM_PHASES = [
    "normal",
    "active_unack",
    "active_ack",
    "returned_unack",
    "latched_unack",
    "latched_ack",
    "shelved",
    "suppressed",
    "out_of_service",
] as const;
export type AlarmPhase = (typeof ALARM_PHASES)[number] | "unknown";

export interface AlarmState {
    state: AlarmPhase;
    since: number | undefined;
    /** 1 (critical) to 4. */
    priority: number;
    text: string;
    value: Value;
    limit: number | undefined;
    unit: string;
    until: number | undefined;
    by: string;
    consequence: string;
    response: string;
}

export function readAlarmState(json: Json): AlarmState {
    const state = asText(json["state"]);
    return {
        state: ALARM_PHASES.find((phase) => phase === state) ?? "unknown",
        since: asNumber(json["since"]),
        priority: Math.min(4, Math.max(1, asNumber(json["priority"]) ?? 3)),
        text: asText(json["text"]),
        value: asValue(json["value"]),
        limit: asNumber(json["limit"]),
        unit: asText(json["unit"]),
        until: asNumber(json["until"]),
        by: asText(json["by"]),
        consequence: asText(json["consequence"]),
        response: asText(json["response"]),
    };
}

export interface AlarmEvent {
    ts: number;
    alarm: string;
    event: string;
    state: string;
    text: string;
    priority: number;
    by: string;
}

export function readAlarmEvent(json: Json): AlarmEvent {
    return {
        ts: asCount(json["ts"]),
        alarm: asText(json["alarm"]),
        event: asText(json["event"]),
        state: asText(json["state"]),
        text: asText(json["text"]),
        priority: asNumber(json["priority"]) ?? 3,
        by: asText(json["by"]),
    };
}

export interface RuleState {
    enabled: boolean;
    active: number;
    waiting: number;
    runs: number;
    dropped: number;
    prevented: number;
    lastRun: number | undefined;
    reason: string;
}

export function readRuleState(json: Json): RuleState {
    return {
        enabled: json["enabled"] !== false,
        active: asCount(json["active"]),
        waiting: asCount(json["waiting"]),
        runs: asCount(json["runs"]),
        dropped: asCount(json["dropped"]),
        prevented: asCount(json["prevented"]),
        lastRun: asNumber(json["last_run"]),
        reason: asText(json["reason"]),
    };
}

export interface ScheduleState {
    enabled: boolean;
    value: Value;
    reason: string;
    next: { ts: number; value: Value } | null;
}

export function readScheduleState(json: Json): ScheduleState {
    const next = asObject(json["next"]),
        ts = asNumber(next["ts"]);
    return {
        enabled: json["enabled"] !== false,
        value: asValue(json["value"]),
        reason: asText(json["reason"]),
        next: ts === undefined ? null : { ts, value: asValue(next["value"]) },
    };
}

export interface ControllerState {
    mode: string;
    setpoint: number | undefined;
    value: number | undefined;
    output: Value;
    terms: [string, number][];
    quality: Quality;
    reason: string;
}

export function readControllerState(json: Json): ControllerState {
    const terms = Object.entries(asObject(json["terms"]));
    return {
        mode: asText(json["mode"], "auto"),
        setpoint: asNumber(json["setpoint"]),
        value: asNumber(json["value"]),
        output: asValue(json["output"]),
        terms: terms.filter((term): term is [string, number] => typeof term[1] === "number"),
        quality: asQuality(json["quality"]),
        reason: asText(json["reason"]),
    };
}

const BUS_PHASES = ["up", "down", "no_traffic", "error_warning", "error_passive", "bus_off"] as const;
export type BusPhase = (typeof BUS_PHASES)[number] | "unknown";

export interface BusState {
    state: BusPhase;
    since: number | undefined;
    load: number | undefined;
    counters: [string, number][];
}

export function readBusState(json: Json): BusState {
    const state = asText(json["state"]);
    const counters = Object.entries(json).filter(
        (entry): entry is [string, number] =>
            typeof entry[1] === "number" && entry[0] !== "since" && entry[0] !== "load_percent",
    );
    return {
        state: BUS_PHASES.find((phase) => phase === state) ?? "unknown",
        since: asNumber(json["since"]),
        load: asNumber(json["load_percent"]),
        counters,
    };
}

export interface NodeEvent {
    ts: number;
    event: string;
    bus: string;
    text: string;
}

export function readNodeEvent(json: Json): NodeEvent {
    return {
        ts: asCount(json["ts"]),
        event: asText(json["event"]),
        bus: asText(json["bus"]),
        text: asText(json["text"]),
    };
}
