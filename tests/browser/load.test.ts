/*
 * 2,000 signals, 1,000 readings a second: what it costs the browser. The figures are printed; the bounds
 * are generous, as other tests run beside this one. EDGE_LOAD_S: how long, 20 if not set.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { MqttClient } from "mqtt";
import type { Browser, CDPSession, Page } from "playwright-core";
import { launch, openPage, Plant, screenshot, until } from "./support.ts";

const MESSAGES = 250;
const SIGNALS = 8; // in each
const RATE = 1000; // readings a second, so 8,000 signals
const SECONDS = Number(process.env["EDGE_LOAD_S"] ?? 20);
const CPU_PERCENT_AT_MOST = 75;
const GROWTH_AT_MOST_MB = 6;

const plant = new Plant();
let browser: Browser,
    client: MqttClient,
    sent = 0;
let timer: ReturnType<typeof setInterval>;

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

function publish(): void {
    const i = sent++,
        m = i % MESSAGES,
        ts = Date.now() / 1000;
    const signals = Array.from(
        { length: SIGNALS },
        (_, s) => `"Signal${m}_${s}":${(20 + 5 * Math.sin(i / 997 + s)).toFixed(2)}`,
    );
    client.publish(
        `edge/load/gw1/can/can0/Message${m}`,
        `{"ts":${ts},"seq":${i + 1},"signals":{${signals.join(",")}}}`,
        { retain: true, properties: { messageExpiryInterval: 60 } },
    );
}

/** Keeps to the rate on average, whatever the timer does. */
function start(): void {
    const begin = Date.now();
    timer = setInterval(() => {
        const due = ((Date.now() - begin) * RATE) / 1000;
        for (let i = 0; i < RATE && sent < due; i++) publish();
    }, 10);
}

before(async () => {
    await plant.startBroker();
    client = await plant.client();
    const info = { program: "edge-gateway", version: "0", started: 1, buses: ["can0"], devices: [], capabilities: [] };
    await client.publishAsync("edge/load/gw1/info", JSON.stringify(info), { retain: true, qos: 1 });
    await client.publishAsync("edge/load/gw1/status", "online", { retain: true, qos: 1 });
    await client.publishAsync("edge/load/gw1/catalog", catalog(), { retain: true, qos: 1 });
    browser = await launch();
    start();
});
after(async () => {
    clearInterval(timer);
    await browser?.close();
    await plant.end();
});

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

async function measure(name: string, page: Page): Promise<void> {
    const session = await browser.newBrowserCDPSession();
    const heap = await heapMb(page),
        cpu = await cpuSeconds(session),
        from = Date.now(),
        sentBefore = sent;
    await page.waitForTimeout(SECONDS * 1000);
    const after = await cpuSeconds(session),
        seconds = (Date.now() - from) / 1000,
        growth = (await heapMb(page)) - heap;
    const percent = (type: string): number => (((after[type] ?? 0) - (cpu[type] ?? 0)) / seconds) * 100;
    const rate = (sent - sentBefore) / seconds;
    console.log(
        `figure: ${name}: ${rate.toFixed(0)} readings/s of ${SIGNALS} signals: page ${percent("renderer").toFixed(1)} % of a core,` +
            ` drawing ${percent("GPU").toFixed(1)} %, heap ${heap.toFixed(1)} MB, ${growth >= 0 ? "+" : ""}${growth.toFixed(2)} MB in ${seconds.toFixed(0)} s`,
    );
    assert.ok(rate > RATE * 0.8, `${rate} readings/s were sent`);
    assert.ok(percent("renderer") < CPU_PERCENT_AT_MOST, `${percent("renderer")} % of a core`);
    assert.ok(growth < GROWTH_AT_MOST_MB, `the heap grew by ${growth} MB`);
}

test("2,000 signals in the list", async () => {
    const page = await openPage(browser, `${plant.url}#/signals`);
    await until("all signals", async () => (await page.locator(".count").first().textContent()) === "2000 signals");
    const rows = await page.locator(".virtual .row").count();
    assert.ok(rows < 60, `${rows} rows exist: only those that are seen`);
    // The rings fill in their first two minutes; before that the heap grows, as it should.
    await page.waitForTimeout(5000);
    await measure("list", page);
    await screenshot(page, "load-list");
    await page.context().close();
});

test("eight of them on a chart", async () => {
    const keys = Array.from({ length: 8 }, (_, s) => `s=edge/load/gw1/can0/Message0/Signal0_${s}`);
    const page = await openPage(browser, `${plant.url}#/chart?${keys.join("&")}&span=60`);
    await page.locator(".legend li").nth(7).waitFor();
    await measure("chart", page);
    await screenshot(page, "load-chart");
    await page.context().close();
});

test("one is found among them", async () => {
    const page = await openPage(browser, `${plant.url}#/signals`);
    await until("all signals", async () => (await page.locator(".count").first().textContent()) === "2000 signals");
    const name = page.locator(".signal:not([hidden])").first();
    await page.locator(".search").fill("Signal249_7");
    await until("the last signal has a live value", async () => /\d+\.\d\d/.test((await name.textContent()) ?? ""));
    await page.context().close();
});
