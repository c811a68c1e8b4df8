/* What the page knows of: nodes, buses, messages, signals, and the parts of automation. */

import type { Place } from "./topic.ts";
import type {
    AlarmState,
    BusState,
    ControllerState,
    DeviceState,
    Info,
    Json,
    Quality,
    RuleState,
    ScheduleState,
    Value,
} from "./wire.ts";
import { SlotRing } from "./ring.ts";

const SPARKLINE_SLOTS = 120;
const SPARKLINE_SLOT_MS = 1000;

/** Anything that has a topic of its own. `generation` is that of the connection which showed it last. */
export interface Entity {
    readonly key: string;
    readonly place: Place;
    readonly node: string;
    readonly id: string;
    generation: number;
}

export interface NodeEntity extends Entity {
    online: boolean | null;
    info: Info | null;
    metrics: Json | null;
    metricsBefore: Json | null;
    /** Its clock minus ours in ms; null until a live reading shows it. */
    clockOffsetMs: number | null;
}

export interface BusEntity extends Entity {
    state: BusState | null;
}
export interface DeviceEntity extends Entity {
    state: DeviceState;
}
export interface AlarmEntity extends Entity {
    state: AlarmState;
}
export interface RuleEntity extends Entity {
    state: RuleState;
}
export interface ScheduleEntity extends Entity {
    state: ScheduleState;
}
export interface ControllerEntity extends Entity {
    state: ControllerState;
}

/** A message of a bus, its signals in the order of the catalog. */
export class Message {
    title: string;
    settable = false;
    cycleMs: number | undefined;
    /** How long a reading stays true, as its expiry says; undefined until one has come. */
    staleMs: number | undefined;
    readonly signals: Signal[] = [];

    constructor(
        readonly key: string,
        readonly node: NodeEntity,
        readonly bus: string,
        readonly name: string,
    ) {
        this.title = name;
    }
}

export class Signal {
    unit = "";
    decimals: number | undefined;
    min: number | undefined;
    max: number | undefined;
    /** Value table, if it has one. */
    labels: Map<number, string> | null = null;
    value: Value = null;
    /** The value as a number; of a label, the one that stands for it. */
    number: number | null = null;
    quality: Quality = "good";
    /** By the gateway's clock, in seconds; 0: never seen. */
    ts = 0;
    /** The same by this browser's clock, in ms. */
    atMs = 0;
    /** Set while a chart wants every value. */
    tap: ((ts: number, value: number) => void) | null = null;
    private ring: SlotRing | null = null;

    constructor(
        readonly key: string,
        readonly message: Message,
        readonly name: string,
    ) {}

    /** As requests name it. */
    get path(): string {
        return `${this.message.bus}/${this.message.name}/${this.name}`;
    }
    get trend(): SlotRing | null {
        return this.ring;
    }

    set(value: Value, quality: Quality, ts: number, atMs: number): void {
        this.value = value;
        this.quality = quality;
        this.ts = ts;
        this.atMs = atMs;
        this.number = typeof value === "number" ? value : this.numberOf(value);
        if (this.number === null) return;
        this.ring ??= new SlotRing(SPARKLINE_SLOTS, SPARKLINE_SLOT_MS);
        this.ring.push(atMs, this.number);
        this.tap?.(ts, this.number);
    }

    /** What came before: times in seconds by the gateway's clock. Only what is older than the trend is taken. */
    prefill(points: readonly [number, number][]): void {
        const offsetMs = this.message.node.clockOffsetMs ?? 0,
            before = this.ring,
            fresh = new SlotRing(SPARKLINE_SLOTS, SPARKLINE_SLOT_MS);
        const endMs = before ? before.time(0) : Infinity;
        for (const [ts, value] of points) {
            const atMs = ts * 1000 - offsetMs;
            if (atMs < endMs) fresh.push(atMs, value);
        }
        if (before) fresh.append(before);
        if (fresh.length > 0) this.ring = fresh;
    }

    private numberOf(value: Value): number | null {
        if (this.labels === null || typeof value !== "string") return null;
        for (const [number, label] of this.labels) if (label === value) return number;
        return null;
    }
}

/** How far a signal can be trusted now: `waiting` was never seen, `offline` has a gateway that is away. */
export type Trust = Quality | "offline" | "waiting";

export function trustOf(signal: Signal, nowMs: number): Trust {
    const { message } = signal;
    if (signal.ts === 0) return "waiting";
    if (message.node.online === false) return "offline";
    if (message.staleMs !== undefined && nowMs - signal.atMs > message.staleMs) return "stale";
    return signal.quality;
}
