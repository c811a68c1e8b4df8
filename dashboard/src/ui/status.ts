/* States as shape, colour and word. */

import type { Trust } from "../model/entities.ts";
import type { AlarmState, BusPhase } from "../model/wire.ts";
import { h, setClass, setText } from "./dom.ts";
import { setShape, shape, type ShapeName } from "./icons.ts";

export type Tone = ShapeName;

export interface Word {
    tone: Tone;
    text: string;
}

/** A pill: shape, colour and word together. */
export class StatusPill {
    private readonly drawing = shape("quiet");
    private readonly label = h("span");
    readonly root = h("span", { class: "status quiet" }, this.drawing, this.label);

    set({ tone, text }: Word): this {
        setShape(this.drawing, tone);
        setClass(this.root, `status ${tone}`);
        setText(this.label, text);
        return this;
    }
}

const TRUST: Record<Trust, Word> = {
    good: { tone: "good", text: "good" },
    stale: { tone: "warn", text: "stale" },
    out_of_range: { tone: "warn", text: "out of range" },
    not_available: { tone: "off", text: "not available" },
    offline: { tone: "off", text: "offline" },
    waiting: { tone: "quiet", text: "no value yet" },
};

export function trustWord(trust: Trust): Word {
    return TRUST[trust];
}

export function nodeWord(online: boolean | null): Word {
    if (online === null) return { tone: "quiet", text: "unknown" };
    return online ? { tone: "good", text: "online" } : { tone: "bad", text: "offline" };
}

const BUS: Record<BusPhase, Word> = {
    up: { tone: "good", text: "up" },
    down: { tone: "bad", text: "down" },
    no_traffic: { tone: "warn", text: "no traffic" },
    error_warning: { tone: "warn", text: "error warning" },
    error_passive: { tone: "warn", text: "error passive" },
    bus_off: { tone: "bad", text: "bus off" },
    unknown: { tone: "quiet", text: "unknown" },
};

export function busWord(state: BusPhase): Word {
    return BUS[state];
}

export const PRIORITIES = ["", "critical", "high", "medium", "low"] as const;

/** Of an alarm: is it there, and does it wait for somebody? */
export function alarmWord({ state, priority }: AlarmState): Word {
    const active: Tone = priority <= 2 ? "bad" : "warn";
    switch (state) {
        case "active_unack":
            return { tone: active, text: "active" };
        case "active_ack":
            return { tone: active, text: "active, acknowledged" };
        case "returned_unack":
            return { tone: "off", text: "gone, not acknowledged" };
        case "latched_unack":
            return { tone: active, text: "latched" };
        case "latched_ack":
            return { tone: active, text: "latched, acknowledged" };
        case "shelved":
            return { tone: "quiet", text: "shelved" };
        case "suppressed":
            return { tone: "quiet", text: "suppressed" };
        case "out_of_service":
            return { tone: "quiet", text: "out of service" };
        case "normal":
            return { tone: "good", text: "normal" };
        case "unknown":
            return { tone: "quiet", text: "unknown" };
    }
}

/** Whether an alarm wants somebody's eyes: active, or not acknowledged. */
export function isPressing({ state }: AlarmState): boolean {
    return state.startsWith("active") || state.startsWith("latched") || state === "returned_unack";
}

export function needsAcknowledgement({ state }: AlarmState): boolean {
    return state.endsWith("_unack");
}
