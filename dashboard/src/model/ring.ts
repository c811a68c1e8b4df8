/* The last minutes of one value in fixed memory: a slot per second with what it spanned, for sparklines. */

export class SlotRing {
    private readonly times: Float64Array;
    private readonly mins: Float32Array;
    private readonly maxs: Float32Array;
    private readonly lasts: Float32Array;
    private start = 0;
    private count = 0;

    constructor(
        readonly capacity: number,
        readonly slotMs: number,
    ) {
        this.times = new Float64Array(capacity);
        this.mins = new Float32Array(capacity);
        this.maxs = new Float32Array(capacity);
        this.lasts = new Float32Array(capacity);
    }

    get length(): number {
        return this.count;
    }

    /** Times go forward; one that does not is taken into the newest slot. */
    push(timeMs: number, value: number): void {
        const slot = Math.floor(timeMs / this.slotMs) * this.slotMs;
        const newest = this.index(this.count - 1);
        if (this.count > 0 && slot <= this.times[newest]!) {
            this.mins[newest] = Math.min(this.mins[newest]!, value);
            this.maxs[newest] = Math.max(this.maxs[newest]!, value);
            this.lasts[newest] = value;
            return;
        }
        if (this.count === this.capacity) this.start = (this.start + 1) % this.capacity;
        else this.count++;
        const at = this.index(this.count - 1);
        this.times[at] = slot;
        this.mins[at] = this.maxs[at] = this.lasts[at] = value;
    }

    /** The slots of a later ring. */
    append(later: SlotRing): void {
        for (let i = 0; i < later.length; i++) {
            for (const value of [later.min(i), later.max(i), later.last(i)]) this.push(later.time(i), value);
        }
    }

    time(i: number): number {
        return this.times[this.index(i)]!;
    }
    min(i: number): number {
        return this.mins[this.index(i)]!;
    }
    max(i: number): number {
        return this.maxs[this.index(i)]!;
    }
    last(i: number): number {
        return this.lasts[this.index(i)]!;
    }

    private index(i: number): number {
        return (this.start + i) % this.capacity;
    }
}
