/* Every view as a picture, for people to look at: build/<preset>/screenshots. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { DARK, DESKTOP, launch, openPage, PHONE, Plant, screenshot } from "./support.ts";

const CHART =
    "/chart?s=edge/demo/gw1/can0/Climate/Temperature&s=edge/demo/gw1/can0/Climate/Humidity&s=edge/demo/gw1/can0/Actuators/Heater&span=300";
const VIEWS: Record<string, [string, string]> = {
    overview: ["/", ".tile .spark"],
    signals: ["/signals", ".signal:not([hidden]) .value:not(:empty)"],
    chart: [CHART, ".uplot"],
    devices: ["/devices", ".card.device"],
    alarms: ["/alarms", ".view.alarms"],
    automation: ["/automation", ".card.controller"],
    system: ["/system", ".card.node .fact-table"],
    topics: ["/topics", ".topic-row"],
};

const WAIT_MS = Number(process.env["EDGE_SCREENSHOT_WAIT_MS"] ?? 600); // a picture with something in it
const AFTER_MS = Number(process.env["EDGE_SCREENSHOT_AFTER_MS"] ?? 0); // a plant that has lived for a while

const plant = new Plant();
let browser: Browser;

before(async () => {
    await plant.startBroker();
    plant.startDaemons();
    browser = await launch();
    await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
});
after(async () => {
    await browser?.close();
    await plant.end();
});

async function goTo(page: Page, path: string, marker: string): Promise<void> {
    await page.evaluate((hash) => (location.hash = hash), `#${path}`);
    await page.locator(marker).first().waitFor();
}

/** Nothing sticks out to the side, and everything that can be pressed has a name. */
async function fits(page: Page, what: string): Promise<void> {
    const found = await page.evaluate(() => {
        const named = (element: Element): boolean => {
            const label = element.getAttribute("aria-label") ?? element.textContent ?? "";
            return label.trim() !== "" || (element as HTMLInputElement).labels?.length === 1;
        };
        const main = document.querySelector("main")!;
        const wide = main.scrollWidth > main.clientWidth + 1 || document.documentElement.scrollWidth > innerWidth + 1;
        const pressed = [...document.querySelectorAll("button, a, input, select, textarea")];
        return {
            wide,
            nameless: pressed
                .filter((element) => element.checkVisibility() && !named(element))
                .map((element) => element.outerHTML.slice(0, 120)),
        };
    });
    assert.deepEqual(found, { wide: false, nameless: [] }, what);
}

for (const [mode, options] of Object.entries({ desktop: DESKTOP, dark: DARK, phone: PHONE })) {
    test(`screenshots: ${mode}`, async () => {
        const page = await openPage(browser, plant.url, options);
        await page.locator(".tile .value", { hasText: /\d/ }).first().waitFor();
        for (const [name, [path, marker]] of Object.entries(VIEWS)) {
            await goTo(page, path, marker);
            if (name === "topics") await page.locator(".topic-row").first().click();
            await page.waitForTimeout(WAIT_MS);
            await fits(page, `${name}, ${mode}`);
            await screenshot(page, `${name}-${mode}`);
        }
        await goTo(page, "/devices", ".card.device");
        await page.locator(".card.device", { hasText: "Vent" }).getByRole("button", { name: "Why?" }).click();
        await page.locator(".claims li").first().waitFor();
        await screenshot(page, `why-${mode}`);
        await page.context().close();
    });
}
