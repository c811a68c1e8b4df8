/*
 * A plant that keeps a browser busy, 2,000 signals and 1,000 readings a second without a daemon, and what a page that
 * shows them costs: processor, memory, and the time of a frame.
 */

import type { MqttClient } from "mqtt";
import type { Browser, CDPSession, Page } from "playwright-core";
import { openPage, until, type Plant } from "./support.ts";

const MESSAGES = 250;
const SIGNALS = 8; // in each
export const RATE = 1000; // readings a second, so 8,000 signals

function catalog(): string {
    const messages = Array.from({ length: MESSAGES }, (_, m) => ({
        name: `Message${m}`,
        id: m,
        extended: false,
        layout: "message",
        settable: false,
        signals: Array.from({ length: SIGNALS }, (_, s) => ({ name: `Signal${m}_${s}`, unit: "°C", decimals: 2 })),
    }));
    return JSON.stringify({ ts: Date.now() / 1000, buses: [{ name: "can0", messages }] });
}

/** A gateway's topics, as fast as `RATE` says; the plant's broker runs. */
export class Load {
    sent = 0;
    private timer: ReturnType<typeof setInterval> | undefined;

    private constructor(private readonly client: MqttClient) {}

    static async start(plant: Plant): Promise<Load> {
        const client = await plant.client();
        const info = {
            program: "edge-gateway",
            version: "0",
            started: 1,
            buses: ["can0"],
            devices: [],
            capabilities: [],
        };
        await client.publishAsync("edge/load/gw1/info", JSON.stringify(info), { retain: true, qos: 1 });
        await client.publishAsync("edge/load/gw1/status", "online", { retain: true, qos: 1 });
        await client.publishAsync("edge/load/gw1/catalog", catalog(), { retain: true, qos: 1 });
        const load = new Load(client);
        load.run();
        return load;
    }

    stop(): void {
        clearInterval(this.timer);
    }

    /** Keeps to the rate on average, whatever the timer does. */
    private run(): void {
        const begin = Date.now();
        this.timer = setInterval(() => {
            const due = ((Date.now() - begin) * RATE) / 1000;
            for (let i = 0; i < RATE && this.sent < due; i++) this.publish();
        }, 10);
    }

    private publish(): void {
        const i = this.sent++,
            m = i % MESSAGES,
            ts = Date.now() / 1000;
        const signals = Array.from(
            { length: SIGNALS },
            (_, s) => `"Signal${m}_${s}":${(20 + 5 * Math.sin(i / 997 + s)).toFixed(2)}`,
        );
        this.client.publish(
            `edge/load/gw1/can/can0/Message${m}`,
            `{"ts":${ts},"seq":${i + 1},"signals":{${signals.join(",")}}}`,
            { retain: true, properties: { messageExpiryInterval: 60 } },
        );
    }
}

/** The page with all signals in a list. */
export async function openList(browser: Browser, plant: Plant): Promise<Page> {
    const page = await openPage(browser, `${plant.url}#/signals`),
        all = `${MESSAGES * SIGNALS} signals`;
    await until("all signals", async () => (await page.locator(".count").first().textContent()) === all);
    return page;
}

/** The page with eight of them on a chart of a minute. */
export async function openChart(browser: Browser, plant: Plant): Promise<Page> {
    const keys = Array.from({ length: SIGNALS }, (_, s) => `s=edge/load/gw1/can0/Message0/Signal0_${s}`);
    const page = await openPage(browser, `${plant.url}#/chart?${keys.join("&")}&span=60`);
    await page
        .locator(".legend li")
        .nth(SIGNALS - 1)
        .waitFor();
    return page;
}

/** Of the time that a page was watched. */
export interface PageCost {
    readingsPerSecond: number; // that were sent
    pagePercent: number; // of a core: the page's process
    drawingPercent: number; // the one that rasterises it
    heapMb: number;
    growthMb: number;
    intervalsMs: number[]; // from a frame to the next, sorted
    framesMs: number[]; // from the time that a frame was due to the end of its painting, sorted
}

/** CPU seconds of every process that draws the page: the page itself, and what rasterises it. */
async function cpuSeconds(session: CDPSession): Promise<Record<string, number>> {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo"),
        sums: Record<string, number> = {};
    for (const { type, cpuTime } of processInfo) sums[type] = (sums[type] ?? 0) + cpuTime;
    return sums;
}

async function heapMb(page: Page): Promise<number> {
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize, backingStorageSize } = await session.send("Runtime.getHeapUsage");
    await session.detach();
    return (usedSize + backingStorageSize) / 1e6; // objects, and what typed arrays hold
}

/**
 * Runs in the page. A message that is posted in a frame's callback arrives after the frame is painted; what the frame
 * waited for, a reading that was being taken for example, counts with it.
 */
function watchFrames(milliseconds: number): Promise<{ intervals: number[]; frames: number[] }> {
    return new Promise((resolve) => {
        const intervals: number[] = [],
            frames: number[] = [],
            painted = new MessageChannel(),
            end = performance.now() + milliseconds;
        let due = 0;
        const onFrame = (now: number): void => {
            if (due > 0) intervals.push(now - due);
            due = now;
            painted.port2.postMessage(null);
        };
        painted.port1.onmessage = () => {
            frames.push(performance.now() - due);
            if (performance.now() < end) requestAnimationFrame(onFrame);
            else resolve({ intervals, frames });
        };
        requestAnimationFrame(onFrame);
    });
}

const ascending = (a: number, b: number): number => a - b;

/** What the page costs for so many seconds, while it gets `load`. */
export async function pageCost(browser: Browser, page: Page, load: Load, seconds: number): Promise<PageCost> {
    const session = await browser.newBrowserCDPSession(),
        heap = await heapMb(page),
        cpu = await cpuSeconds(session),
        from = Date.now(),
        sentBefore = load.sent;
    const { intervals, frames } = await page.evaluate(watchFrames, seconds * 1000);
    const after = await cpuSeconds(session),
        passed = (Date.now() - from) / 1000,
        growth = (await heapMb(page)) - heap;
    await session.detach();
    const percent = (type: string): number => (((after[type] ?? 0) - (cpu[type] ?? 0)) / passed) * 100;
    return {
        readingsPerSecond: (load.sent - sentBefore) / passed,
        pagePercent: percent("renderer"),
        drawingPercent: percent("GPU"),
        heapMb: heap,
        growthMb: growth,
        intervalsMs: intervals.sort(ascending),
        framesMs: frames.sort(ascending),
    };
}

/** The value that a share of `sorted` does not exceed. */
export function quantile(sorted: readonly number[], share: number): number {
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
