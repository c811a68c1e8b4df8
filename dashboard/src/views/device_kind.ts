/*
 * What kind of thing a device is: its state says what it is now, not what it could be. A switch shows
 * itself; of a number or label the range comes from the signal that is its feedback (request `explain`).
 */

import type { DeviceEntity, Signal } from "../model/entities.ts";
import { switchOf } from "../model/store.ts";
import { asObject, asText, type DeviceState, type Json } from "../model/wire.ts";
import type { Context } from "../ui/view.ts";

export type DeviceKind = "switch" | "number" | "label";

export function kindOf({ value, target }: DeviceState): DeviceKind {
    const known = value ?? target;
    if (switchOf(known) !== null) return "switch";
    return typeof known === "number" ? "number" : "label";
}

/** The node that drives a device: the one whose info names it. */
export function driverOf(context: Context, device: DeviceEntity): string | null {
    for (const node of context.store.nodes.values()) {
        const { place, info } = node;
        if (
            place.prefix === device.place.prefix &&
            place.site === device.place.site &&
            info?.devices.includes(device.id)
        ) {
            return node.node;
        }
    }
    return null;
}

export async function explain(context: Context, device: DeviceEntity): Promise<Json> {
    const node = driverOf(context, device);
    if (node === null) throw new Error("no node says that it drives this device");
    const [answer] = await context.asker.ask(device.place, node, "explain", { device: device.id });
    return answer ?? {};
}

/** The signal that an explanation's reading is of, if a gateway here has it. */
export function signalOf(context: Context, reading: Json): Signal | null {
    const topic = asText(reading["topic"]),
        path = asText(reading["signal"]);
    const root = topic.split("/can/")[0];
    return (root && context.store.signals.get(`${root}/${path}`)) || null;
}

export function feedbackOf(context: Context, explanation: Json): Signal | null {
    return signalOf(context, asObject(asObject(explanation["command"])["feedback"]));
}
