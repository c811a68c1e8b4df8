/*
 * 2,000 signals, 1,000 readings a second: what it costs the browser. The figures are printed; the bounds
 * are generous, as other tests run beside this one. EDGE_LOAD_S: how long, 20 if not set.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Load, openChart, openList, pageCost, quantile, RATE } from "./load.ts";
import { launch, Plant, screenshot, until } from "./support.ts";

const SECONDS = Number(process.env["EDGE_LOAD_S"] ?? 20);
const CPU_PERCENT_AT_MOST = 75;
const GROWTH_AT_MOST_MB = 6;

const plant = new Plant();
let browser: Browser, load: Load;

before(async () => {
    await plant.startBroker();
    browser = await launch();
    load = await Load.start(plant);
});
after(async () => {
    load?.stop();
    await browser?.close();
    await plant.end();
});

async function measure(name: string, page: Page): Promise<void> {
    const cost = await pageCost(browser, page, load, SECONDS);
    console.log(
        `figure: ${name}: ${cost.readingsPerSecond.toFixed(0)} readings/s: page ${cost.pagePercent.toFixed(1)} % of a core,` +
            ` drawing ${cost.drawingPercent.toFixed(1)} %, a frame ${quantile(cost.framesMs, 0.5).toFixed(1)} ms,` +
            ` heap ${cost.heapMb.toFixed(1)} MB, ${cost.growthMb >= 0 ? "+" : ""}${cost.growthMb.toFixed(2)} MB in ${SECONDS} s`,
    );
    assert.ok(cost.readingsPerSecond > RATE * 0.8, `${cost.readingsPerSecond} readings/s were sent`);
    assert.ok(cost.pagePercent < CPU_PERCENT_AT_MOST, `${cost.pagePercent} % of a core`);
    assert.ok(cost.growthMb < GROWTH_AT_MOST_MB, `the heap grew by ${cost.growthMb} MB`);
}

test("2,000 signals in the list", async () => {
    const page = await openList(browser, plant);
    const rows = await page.locator(".virtual .row").count();
    assert.ok(rows < 60, `${rows} rows exist: only those that are seen`);
    // The rings fill in their first two minutes; before that the heap grows, as it should.
    await page.waitForTimeout(5000);
    await measure("list", page);
    await screenshot(page, "load-list");
    await page.context().close();
});

test("eight of them on a chart", async () => {
    const page = await openChart(browser, plant);
    await measure("chart", page);
    await screenshot(page, "load-chart");
    await page.context().close();
});

test("one is found among them", async () => {
    const page = await openList(browser, plant);
    const name = page.locator(".signal:not([hidden])").first();
    await page.locator(".search").fill("Signal249_7");
    await until("the last signal has a live value", async () => /\d+\.\d\d/.test((await name.textContent()) ?? ""));
    await page.context().close();
});
