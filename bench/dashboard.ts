/* The program of bench/dashboard. */

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import { Load, openChart, openList, pageCost, quantile } from "../tests/browser/load.ts";
import { launch, openPage, Plant } from "../tests/browser/support.ts";

type Row = Record<string, string | number>;

async function measure(name: string, browser: Browser, page: Page, load: Load, seconds: number): Promise<Row> {
    const cost = await pageCost(browser, page, load, seconds);
    await page.context().close();
    return {
        what: name,
        frames_per_second: cost.framesMs.length / seconds,
        frame_p99_ms: quantile(cost.framesMs, 0.99),
        frame_max_ms: quantile(cost.framesMs, 1),
        interval_p99_ms: quantile(cost.intervalsMs, 0.99),
        page_cpu_percent: cost.pagePercent,
        drawing_cpu_percent: cost.drawingPercent,
        heap_mb: cost.heapMb,
        heap_growth_mb: cost.growthMb,
        readings_sent_per_second: cost.readingsPerSecond,
    };
}

async function pages(plant: Plant, browser: Browser, seconds: number): Promise<Row[]> {
    await plant.startBroker();
    const load = await Load.start(plant);
    try {
        const empty = await openPage(browser, "about:blank");
        const rows = [await measure("an empty page", browser, empty, load, seconds)];
        const list = await openList(browser, plant);
        rows.push(await measure("2,000 signals in the list", browser, list, load, seconds));
        const chart = await openChart(browser, plant);
        rows.push(await measure("eight of them on a chart", browser, chart, load, seconds));
        return rows;
    } finally {
        load.stop();
    }
}

function print(rows: Row[]): void {
    for (const { what, ...figures } of rows) {
        console.log(what);
        for (const [name, figure] of Object.entries(figures)) {
            console.log(`  ${name.replaceAll("_", " ").padEnd(28)}${Number(figure).toFixed(2).padStart(10)}`);
        }
    }
}

async function main(): Promise<void> {
    const { values } = parseArgs({ options: { seconds: { type: "string", default: "30" }, json: { type: "string" } } });
    const browser = await launch(),
        plant = new Plant();
    try {
        const rows = await pages(plant, browser, Number(values.seconds));
        print(rows);
        if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(rows, null, 1));
    } finally {
        await browser.close();
        await plant.end();
    }
}

main().catch((error: unknown) => {
    console.error(`bench/dashboard: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
});
