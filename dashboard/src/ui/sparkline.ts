/* A signal's last two minutes on a small canvas; drawn again only when it has changed. */

import type { SlotRing } from "../model/ring.ts";
import { h } from "./dom.ts";

const SPAN_MS = 120000;
const STEP_MS = 1000; // it moves on so often, also when nothing comes
const PAD = 2;

export class Sparkline {
    readonly canvas = h("canvas", { class: "spark", "aria-hidden": "true" });
    private drawn = "";

    constructor(
        private readonly width = 112,
        private readonly height = 26,
    ) {
        this.canvas.style.width = `${width}px`;
        this.canvas.style.height = `${height}px`;
    }

    /** `key` names whose line it is: a recycled row shows another. */
    draw(key: string, ring: SlotRing | null, nowMs: number, colour: string): void {
        const beat = Math.floor(nowMs / STEP_MS);
        const state = `${key} ${ring ? beat : 0} ${colour} ${devicePixelRatio}`;
        if (state === this.drawn) return;
        this.drawn = state;
        const scale = devicePixelRatio || 1,
            context = this.canvas.getContext("2d");
        if (!context) return;
        const width = Math.round(this.width * scale),
            height = Math.round(this.height * scale);
        if (this.canvas.width !== width || this.canvas.height !== height) {
            this.canvas.width = width;
            this.canvas.height = height;
        }
        context.setTransform(scale, 0, 0, scale, 0, 0);
        context.clearRect(0, 0, this.width, this.height);
        if (ring && ring.length > 0) this.line(context, ring, (beat + 1) * STEP_MS, colour);
    }

    private line(context: CanvasRenderingContext2D, ring: SlotRing, endMs: number, colour: string): void {
        const fromMs = endMs - SPAN_MS;
        let first = 0,
            low = Infinity,
            high = -Infinity;
        while (first < ring.length - 1 && ring.time(first + 1) < fromMs) first++;
        for (let i = first; i < ring.length; i++) {
            low = Math.min(low, ring.min(i));
            high = Math.max(high, ring.max(i));
        }
        const span = high - low,
            bottom = this.height - PAD,
            usable = this.height - 2 * PAD;
        const x = (ms: number): number => ((Math.max(ms, fromMs) - fromMs) / SPAN_MS) * (this.width - PAD);
        const y = (value: number): number => (span > 0 ? bottom - ((value - low) / span) * usable : this.height / 2);
        context.beginPath();
        for (let i = first; i < ring.length; i++) {
            const at = x(ring.time(i));
            if (i === first) context.moveTo(at, y(ring.last(i)));
            if (ring.max(i) > ring.min(i)) {
                context.lineTo(at, y(ring.min(i)));
                context.lineTo(at, y(ring.max(i)));
            }
            context.lineTo(at, y(ring.last(i)));
        }
        const end = ring.last(ring.length - 1);
        context.lineTo(this.width - PAD, y(end));
        context.strokeStyle = colour;
        context.lineWidth = 1.5;
        context.lineJoin = "round";
        context.stroke();
        context.beginPath();
        context.arc(this.width - PAD, y(end), 1.75, 0, 2 * Math.PI);
        context.fillStyle = colour;
        context.fill();
    }
}
