/* A gateway's catalog: what its readings mean. */

import type { Message, Signal } from "./entities.ts";
import { asArray, asNumber, asObject, asText, type Json } from "./wire.ts";

function readLabels(x: unknown): Map<number, string> | null {
    const labels = new Map<number, string>();
    for (const item of asArray(x).map(asObject)) {
        const value = asNumber(item["value"]);
        if (value !== undefined) labels.set(value, asText(item["label"]));
    }
    return labels.size > 0 ? labels : null;
}

function describeSignal(signal: Signal, json: Json): void {
    signal.unit = asText(json["unit"]);
    signal.decimals = asNumber(json["decimals"]);
    signal.min = asNumber(json["min"]);
    signal.max = asNumber(json["max"]);
    signal.labels = readLabels(json["labels"]);
}

/** `message(bus, name)` and `signal(message, name)` find them or make them. */
export interface CatalogTarget {
    message(bus: string, name: string): Message;
    signal(message: Message, name: string): Signal;
}

export function readCatalog(json: Json, target: CatalogTarget): void {
    for (const bus of asArray(json["buses"]).map(asObject)) {
        for (const item of asArray(bus["messages"]).map(asObject)) {
            const title = asText(item["name"]);
            const message = target.message(asText(bus["name"]), asText(item["topic_id"], title));
            message.title = title;
            message.settable = item["settable"] === true;
            message.cycleMs = asNumber(item["cycle_ms"]);
            for (const signal of asArray(item["signals"]).map(asObject)) {
                describeSignal(target.signal(message, asText(signal["name"])), signal);
            }
        }
    }
}
