/* The points of one signal on a chart: history and live tail as one line, in bounded memory. */

/** Times in seconds, in order; a null value breaks the line. */
export interface Points {
    t: number[];
    v: (number | null)[];
}

/**
 * At most `limit` points that keep the shape: of each of limit / 2 equal pieces its lowest and its
 * highest, in order of time. Nulls are dropped.
 */
export function decimate(points: Points, limit: number): Points {
    const { t, v } = points;
    if (t.length <= limit) return points;
    const pieces = Math.max(1, Math.floor(limit / 2)),
        out: Points = { t: [], v: [] };
    for (let piece = 0; piece < pieces; piece++) {
        const from = Math.floor((piece * t.length) / pieces),
            to = Math.floor(((piece + 1) * t.length) / pieces);
        let low = -1,
            high = -1;
        for (let i = from; i < to; i++) {
            const value = v[i];
            if (value === null || value === undefined) continue;
            if (low < 0 || value < v[low]!) low = i;
            if (high < 0 || value > v[high]!) high = i;
        }
        for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
            if (i < 0) continue;
            out.t.push(t[i]!);
            out.v.push(v[i]!);
        }
    }
    return out;
}

/** Breaks the line wherever nothing came for longer than `gapS`. */
export function withGaps(points: Points, gapS: number): Points {
    const out: Points = { t: [], v: [] };
    for (let i = 0; i < points.t.length; i++) {
        const t = points.t[i]!,
            before = points.t[i - 1];
        if (before !== undefined && t - before > gapS) {
            out.t.push(before + gapS / 2);
            out.v.push(null);
        }
        out.t.push(t);
        out.v.push(points.v[i]!);
    }
    return out;
}

/** History, and after its end the live values that are newer. */
export function joinTail(history: Points, tail: Points): Points {
    const end = history.t.at(-1) ?? -Infinity;
    let from = 0;
    while (from < tail.t.length && tail.t[from]! <= end) from++;
    return { t: history.t.concat(tail.t.slice(from)), v: history.v.concat(tail.v.slice(from)) };
}

/** What arrives while a chart is open. When full, its older half gets coarser. */
export class Tail {
    readonly points: Points = { t: [], v: [] };

    constructor(private readonly limit: number) {}

    push(t: number, value: number): void {
        const { points } = this,
            end = points.t.at(-1);
        if (end !== undefined && t <= end) return; // a retained value again, after a reconnection
        points.t.push(t);
        points.v.push(value);
        if (points.t.length <= this.limit) return;
        const half = this.limit >> 1;
        const old = decimate({ t: points.t.slice(0, half), v: points.v.slice(0, half) }, half >> 1);
        points.t = old.t.concat(points.t.slice(half));
        points.v = old.v.concat(points.v.slice(half));
    }

    dropBefore(t: number): void {
        const { points } = this;
        let n = 0;
        while (n < points.t.length && points.t[n]! < t) n++;
        if (n === 0) return;
        points.t.splice(0, n);
        points.v.splice(0, n);
    }
}
