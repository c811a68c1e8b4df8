/*
 * All that the page knows, built from messages alone. It calls nobody: views look at it at their own
 * pace, and compare `revision` to see whether anything came or went. Events are bounded; everything
 * else is bounded by the topics that exist.
 */

import { readCatalog } from "./catalog.ts";
import {
    Message,
    Signal,
    type AlarmEntity,
    type BusEntity,
    type ControllerEntity,
    type DeviceEntity,
    type Entity,
    type NodeEntity,
    type RuleEntity,
    type ScheduleEntity,
} from "./entities.ts";
import { parseTopic, type ParsedTopic, type Place } from "./topic.ts";
import {
    asNumber,
    asObject,
    asQuality,
    asValue,
    parseObject,
    plainValue,
    readAlarmEvent,
    readAlarmState,
    readBusState,
    readControllerState,
    readDeviceState,
    readInfo,
    readNodeEvent,
    readRuleState,
    readScheduleState,
    type AlarmEvent,
    type Json,
    type NodeEvent,
    type Value,
} from "./wire.ts";

const EVENTS_KEPT = 200;
const CLOCK_TOLERANCE_MS = 2000; // what the network and two good clocks may differ by

export interface Arrival {
    retained: boolean;
    /** What is left of the message's life; undefined: for ever. */
    expiryS: number | undefined;
}

export interface Told<T> {
    place: Place;
    node: string;
    event: T;
}

export class Store {
    readonly nodes = new Map<string, NodeEntity>();
    readonly buses = new Map<string, BusEntity>();
    readonly messages = new Map<string, Message>();
    readonly signals = new Map<string, Signal>();
    readonly devices = new Map<string, DeviceEntity>();
    readonly alarms = new Map<string, AlarmEntity>();
    readonly rules = new Map<string, RuleEntity>();
    readonly schedules = new Map<string, ScheduleEntity>();
    readonly controllers = new Map<string, ControllerEntity>();
    readonly events: Told<NodeEvent>[] = [];
    readonly alarmEvents: Told<AlarmEvent>[] = [];
    /** Grows whenever a part comes, goes or is described anew; not with values. */
    revision = 0;
    /** Messages since the page was opened. */
    received = 0;
    private readonly prefixes = new Set<string>();
    private readonly parsed = new Map<string, ParsedTopic | null>();
    private generation = 0;

    /** Topics below this prefix are understood from now on. */
    addPrefix(prefix: string): void {
        if (this.prefixes.has(prefix)) return;
        this.prefixes.add(prefix);
        this.parsed.clear();
    }

    /** A new connection begins: what it does not show again until `sweep` is gone. */
    begin(): void {
        this.generation++;
    }

    sweep(): void {
        const maps: Map<string, Entity>[] = [
            this.nodes,
            this.buses,
            this.devices,
            this.alarms,
            this.rules,
            this.schedules,
            this.controllers,
        ];
        for (const map of maps) {
            for (const [key, entity] of map) if (entity.generation !== this.generation) this.drop(map, key);
        }
    }

    apply(topic: string, payload: string, arrival: Arrival, nowMs: number): void {
        this.received++;
        let parsed = this.parsed.get(topic);
        if (parsed === undefined) {
            parsed = parseTopic(topic, this.prefixes);
            this.parsed.set(topic, parsed);
        }
        if (!parsed) return;
        if (payload === "") this.remove(parsed);
        else this.take(parsed, payload, arrival, nowMs);
    }

    // --- one kind of topic each

    private take(at: ParsedTopic, payload: string, arrival: Arrival, nowMs: number): void {
        if (at.kind === "status") return this.takeStatus(at, payload);
        if (at.kind === "signal") return this.takeSignal(at, payload, arrival, nowMs);
        const json = parseObject(payload);
        if (!json) return;
        switch (at.kind) {
            case "info":
                return this.takeInfo(at, json);
            case "catalog":
                return this.takeCatalog(at, json);
            case "metrics":
                return this.takeMetrics(at, json);
            case "event":
                return keep(this.events, { place: placeOf(at), node: at.node, event: readNodeEvent(json) });
            case "bus_state":
                this.part(this.buses, at, at.bus, (entity): BusEntity => ({ ...entity, state: null })).state =
                    readBusState(json);
                return;
            case "reading":
                return this.takeReading(at, json, arrival, nowMs);
            case "alarm":
                return this.hold(this.alarms, at, readAlarmState(json));
            case "alarm_event":
                return keep(this.alarmEvents, { place: placeOf(at), node: at.node, event: readAlarmEvent(json) });
            case "device_state":
                return this.hold(this.devices, at, readDeviceState(json));
            case "rule_state":
                return this.hold(this.rules, at, readRuleState(json));
            case "schedule_state":
                return this.hold(this.schedules, at, readScheduleState(json));
            case "controller_state":
                return this.hold(this.controllers, at, readControllerState(json));
        }
    }

    private takeStatus(at: ParsedTopic, payload: string): void {
        if (payload !== "online" && payload !== "offline") return;
        const node = this.node(at),
            online = payload === "online";
        if (node.online !== online) this.revision++;
        node.online = online;
    }

    private takeInfo(at: ParsedTopic, json: Json): void {
        const info = readInfo(json);
        if (!info) return;
        this.node(at).info = info;
        this.revision++;
    }

    private takeCatalog(at: ParsedTopic, json: Json): void {
        const node = this.node(at);
        readCatalog(json, {
            message: (bus, name) => this.message(node, bus, name),
            signal: (message, name) => this.signal(message, name),
        });
        this.revision++;
    }

    private takeMetrics(at: ParsedTopic, json: Json): void {
        const node = this.node(at);
        node.metricsBefore = node.metrics;
        node.metrics = json;
    }

    private takeReading(at: ParsedTopic, json: Json, arrival: Arrival, nowMs: number): void {
        const message = this.message(this.node(at), at.bus, at.message);
        const ts = asNumber(json["ts"]) ?? nowMs / 1000,
            q = asObject(json["q"]),
            values = asObject(json["signals"]);
        const atMs = this.arrived(message, ts, arrival, nowMs);
        for (const name in values) {
            this.signal(message, name).set(asValue(values[name]), asQuality(q[name]), ts, atMs);
        }
    }

    private takeSignal(at: ParsedTopic, payload: string, arrival: Arrival, nowMs: number): void {
        const message = this.message(this.node(at), at.bus, at.message);
        if (!arrival.retained && arrival.expiryS !== undefined) message.staleMs = arrival.expiryS * 1000;
        this.signal(message, at.signal).set(plainValue(payload), "good", nowMs / 1000, nowMs);
    }

    /** When a reading was true by our clock: the gateway's may be off, and a retained one is older. */
    private arrived(message: Message, ts: number, arrival: Arrival, nowMs: number): number {
        const { node } = message,
            tsMs = ts * 1000;
        if (!arrival.retained) {
            if (arrival.expiryS !== undefined) message.staleMs = arrival.expiryS * 1000;
            const offset = tsMs - nowMs;
            node.clockOffsetMs =
                Math.abs(offset) < CLOCK_TOLERANCE_MS ? 0 : Math.max(node.clockOffsetMs ?? -Infinity, offset);
        } else if (arrival.expiryS !== undefined) {
            message.staleMs ??= Math.max(0, nowMs - tsMs) + arrival.expiryS * 1000;
        }
        return Math.min(nowMs, tsMs - (node.clockOffsetMs ?? 0));
    }

    // --- parts, found or made

    private node(at: ParsedTopic): NodeEntity {
        return this.part(this.nodes, at, at.node, (entity) => ({
            ...entity,
            online: null,
            info: null,
            metrics: null,
            metricsBefore: null,
            clockOffsetMs: null,
        }));
    }

    private message(node: NodeEntity, bus: string, name: string): Message {
        const key = `${node.key}/${bus}/${name}`;
        let message = this.messages.get(key);
        if (!message) {
            message = new Message(key, node, bus, name);
            this.messages.set(key, message);
            this.revision++;
        }
        return message;
    }

    private signal(message: Message, name: string): Signal {
        const key = `${message.key}/${name}`;
        let signal = this.signals.get(key);
        if (!signal) {
            signal = new Signal(key, message, name);
            this.signals.set(key, signal);
            message.signals.push(signal);
            this.revision++;
        }
        return signal;
    }

    private part<T extends Entity>(map: Map<string, T>, at: ParsedTopic, id: string, make: (entity: Entity) => T): T {
        const key = `${at.prefix}/${at.site}/${at.node}${map === (this.nodes as unknown) ? "" : `/${id}`}`;
        let part = map.get(key);
        if (!part) {
            part = make({ key, place: placeOf(at), node: at.node, id, generation: this.generation });
            map.set(key, part);
            this.revision++;
        }
        part.generation = this.generation;
        return part;
    }

    private hold<S, T extends Entity & { state: S }>(map: Map<string, T>, at: ParsedTopic, state: S): void {
        this.part(map, at, at.id, (entity) => ({ ...entity, state }) as T).state = state;
    }

    // --- parts that go

    private remove(at: ParsedTopic): void {
        const root = `${at.prefix}/${at.site}/${at.node}`;
        switch (at.kind) {
            case "info":
                return this.drop(this.nodes, root);
            case "bus_state":
                return this.drop(this.buses, `${root}/${at.bus}`);
            case "reading":
                return this.dropMessage(`${root}/${at.bus}/${at.message}`);
            case "alarm":
                return this.drop(this.alarms, `${root}/${at.id}`);
            case "device_state":
                return this.drop(this.devices, `${root}/${at.id}`);
            case "rule_state":
                return this.drop(this.rules, `${root}/${at.id}`);
            case "schedule_state":
                return this.drop(this.schedules, `${root}/${at.id}`);
            case "controller_state":
                return this.drop(this.controllers, `${root}/${at.id}`);
            default: // nothing is kept of the others
        }
    }

    private drop(map: Map<string, unknown>, key: string): void {
        if (!map.delete(key)) return;
        this.revision++;
        if (map !== (this.nodes as unknown)) return;
        for (const [name, message] of this.messages) if (message.node.key === key) this.dropMessage(name);
    }

    private dropMessage(key: string): void {
        const message = this.messages.get(key);
        if (!message) return;
        this.messages.delete(key);
        for (const signal of message.signals) this.signals.delete(signal.key);
        this.revision++;
    }
}

function placeOf(at: ParsedTopic): Place {
    return { prefix: at.prefix, site: at.site };
}

/** Newest first, bounded. */
function keep<T>(list: T[], item: T): void {
    list.unshift(item);
    if (list.length > EVENTS_KEPT) list.pop();
}

/** For the value of a device or signal that is neither on nor off: null. */
export function switchOf(value: Value): boolean | null {
    if (typeof value === "boolean") return value;
    if (typeof value !== "string") return null;
    return /^on$/i.test(value) ? true : /^off$/i.test(value) ? false : null;
}
