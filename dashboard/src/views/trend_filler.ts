/*
 * Sparklines that are full at once: what a gateway remembers of the signals that are looked at (request
 * `history`). Asked once for each signal and connection, a few at a time, one question at a time per node.
 */

import type { Signal } from "../model/entities.ts";
import { asArray, asText } from "../model/wire.ts";
import type { Context } from "../ui/view.ts";

const SPAN_S = 120;
const SIGNALS_A_QUESTION = 32; // the gateway's limit
const GATHER_MS = 200;
const AGAIN_MS = 4000; // after a refusal, and twice as long after each further one
const AGAIN_AT_MOST_MS = 64000;

export class TrendFiller {
    private readonly asked = new Set<string>();
    private readonly wanted = new Map<string, Set<Signal>>(); // by node
    private readonly busy = new Set<string>();
    private readonly waitMs = new Map<string, number>(); // of nodes that refused
    private session = -1;

    constructor(private readonly context: Context) {}

    want(signal: Signal): void {
        const { session, isLive } = this.context.connection;
        if (session !== this.session) {
            this.session = session;
            this.asked.clear();
            this.busy.clear();
            this.waitMs.clear();
        }
        if (!isLive || this.asked.has(signal.key) || signal.message.node.info === null) return;
        this.asked.add(signal.key);
        const node = signal.message.node.key,
            wanted = this.wanted.get(node) ?? new Set();
        wanted.add(signal);
        this.wanted.set(node, wanted);
        this.askSoon(node, GATHER_MS);
    }

    private askSoon(node: string, afterMs: number): void {
        if (this.busy.has(node)) return;
        this.busy.add(node);
        setTimeout(() => void this.ask(node), afterMs);
    }

    private async ask(node: string): Promise<void> {
        const wanted = this.wanted.get(node)!,
            signals = [...wanted].slice(0, SIGNALS_A_QUESTION),
            { session } = this;
        for (const signal of signals) wanted.delete(signal);
        const { place, node: name } = signals[0]!.message.node;
        let again = GATHER_MS;
        try {
            const question = { signals: signals.map(({ path }) => path), last_s: SPAN_S, max_points: SPAN_S };
            for (const chunk of await this.context.asker.ask(place, name, "history", question)) {
                const path = asText(chunk["signal"]),
                    points = asArray(chunk["points"]).map((point) => asArray(point) as [number, number]);
                signals.find((signal) => signal.path === path)?.prefill(points);
            }
            this.waitMs.delete(node);
        } catch {
            if (session === this.session) for (const signal of signals) wanted.add(signal);
            again = this.waitMs.get(node) ?? AGAIN_MS;
            this.waitMs.set(node, Math.min(2 * again, AGAIN_AT_MOST_MS));
        }
        this.busy.delete(node);
        if (wanted.size > 0 && session === this.session) this.askSoon(node, again);
    }
}
