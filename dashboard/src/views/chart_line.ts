/* One signal on a chart: what the gateway remembers of it, and what has come since. */

import type { Signal } from "../model/entities.ts";
import { joinTail, Tail, withGaps, type Points } from "../model/series.ts";
import { asArray, asCount, asText, type Json } from "../model/wire.ts";

const TAIL_POINTS = 6000;
const QUIET_FACTOR = 2; // a line is broken where nothing came for so many times as long as it could be

const SOURCE_S: Record<string, number> = { "1m": 60, "15m": 900, "1h": 3600 };

export class ChartLine {
    history: Points = { t: [], v: [] };
    source = "";
    /** How many values the gateway has of the span; more than there are points where it chose some. */
    count = 0;
    error = "";
    loading = false;
    readonly tail = new Tail(TAIL_POINTS);

    constructor(
        readonly key: string,
        readonly signal: Signal,
    ) {
        this.seed();
        signal.tap = (ts, value) => this.tail.push(ts, value);
    }

    /** What the page has seen lately, for a gateway that has no history. */
    private seed(): void {
        const { trend, message, number, ts } = this.signal,
            offsetMs = message.node.clockOffsetMs ?? 0;
        for (let i = 0; trend && i < trend.length - 1; i++)
            this.tail.push((trend.time(i) + offsetMs) / 1000, trend.last(i));
        if (number !== null && ts > 0) this.tail.push(ts, number);
    }

    /** What `signal` counts now is by its gateway's clock. */
    nowS(nowMs: number): number {
        return (nowMs + (this.signal.message.node.clockOffsetMs ?? 0)) / 1000;
    }

    /** The chunks of an answer that are about this signal. */
    take(chunks: readonly Json[]): void {
        this.history = { t: [], v: [] };
        this.count = 0;
        for (const chunk of chunks) {
            if (chunk["signal"] !== this.signal.path) continue;
            this.source = asText(chunk["source"]);
            this.count = Math.max(this.count, asCount(chunk["count"]));
            for (const point of asArray(chunk["points"])) {
                const [t, v] = asArray(point);
                if (typeof t !== "number" || typeof v !== "number") continue;
                this.history.t.push(t);
                this.history.v.push(v);
            }
        }
    }

    /** The line from `from` to `to`; up to now if that is not later, as the value still holds. */
    points(from: number, to: number, nowMs: number, good: boolean): Points {
        const all = joinTail(this.history, this.tail.points),
            line = withGaps(within(all, from, to), this.gapS(to - from));
        const end = line.t.at(-1),
            now = this.nowS(nowMs);
        if (good && end !== undefined && now > end && now <= to + 1) {
            line.t.push(now);
            line.v.push(line.v.at(-1)!);
        }
        return line;
    }

    close(): void {
        this.signal.tap = null;
    }

    private gapS(spanS: number): number {
        const quiet = (this.signal.message.staleMs ?? 60000) / 1000;
        const pointS = this.history.t.length > 1 ? (spanS / this.history.t.length) * 4 : 0;
        return Math.max(quiet, pointS, SOURCE_S[this.source] ?? 0) * QUIET_FACTOR;
    }
}

function within(points: Points, from: number, to: number): Points {
    let first = points.t.findIndex((t) => t >= from);
    if (first < 0) first = points.t.length;
    let end = points.t.length;
    while (end > first && points.t[end - 1]! > to) end--;
    first = Math.max(0, first - 1); // the line comes in from the left,
    end = Math.min(points.t.length, end + 1); // and goes out to the right
    return { t: points.t.slice(first, end), v: points.v.slice(first, end) };
}
