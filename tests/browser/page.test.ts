/* The page in a real browser, served by a real broker, with the real daemons behind it. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { MqttClient } from "mqtt";
import type { Browser, Locator, Page } from "playwright-core";
import { launch, openPage, PHONE, Plant, screenshot, until } from "./support.ts";

const ROOT = "edge/demo/gw1";
const TEMPERATURE = `${ROOT}/can0/Climate/Temperature`;

/** One that is active from the first reading on. */
const ALARM = `
  frost_free:
    signal: can0/Climate/Temperature
    high: 1 °C
    text: It does not freeze
`;

const plant = new Plant();
let browser: Browser, client: MqttClient;
const heard: { topic: string; payload: string }[] = [];

before(async () => {
    await plant.startBroker();
    client = await plant.client();
    client.on("message", (topic, payload) => heard.push({ topic, payload: payload.toString() }));
    await client.subscribeAsync("edge/#", { qos: 1 });
    plant.startDaemons(ALARM);
    browser = await launch();
    await until(
        "the plant lives",
        () => countOf(`${ROOT}/can/can0/Climate`) >= 5 && newest("edge/demo/devices/heater/state"),
    );
});
after(async () => {
    await browser?.close();
    await plant.end();
});

function countOf(topic: string): number {
    return heard.filter((message) => message.topic === topic).length;
}

function newest(topic: string): Record<string, unknown> | undefined {
    const found = heard.findLast((message) => message.topic === topic);
    return found && (JSON.parse(found.payload) as Record<string, unknown>);
}

async function open(path: string): Promise<Page> {
    return openPage(browser, `${plant.url}#${path}`);
}

async function hasText(locator: Locator, pattern: RegExp, what: string): Promise<string> {
    return until(what, async () => {
        const text = await locator
            .first()
            .textContent({ timeout: 1000 })
            .catch(() => null);
        return text !== null && pattern.test(text) ? text : null;
    });
}

test("a live value appears, and moves", async () => {
    const page = await open("/");
    const value = page.locator(".tile", { hasText: "Temperature" }).locator(".value");
    const first = await hasText(value, /\d/, "a temperature");
    await until("another temperature", async () => (await value.first().textContent()) !== first);
    await page.context().close();
});

test("it asks nobody but the broker that served it", async () => {
    const page = await browser.newPage(),
        hosts = new Set<string>();
    page.on("request", (request) => request.url().startsWith("data:") || hosts.add(new URL(request.url()).host));
    page.on("websocket", (socket) => hosts.add(new URL(socket.url()).host));
    await page.goto(plant.url);
    await hasText(page.locator(".tile .value"), /\d/, "a value");
    assert.deepEqual([...hosts], [`127.0.0.1:${plant.webPort}`]);
    const refused = await page.evaluate(
        () =>
            new Promise((resolve) => {
                document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
                fetch("http://localhost:9/").catch(() => {});
            }),
    );
    assert.equal(refused, "connect-src");
    await page.close();
});

test("a chart is filled from history after a reload", async () => {
    const page = await open(`/chart?s=${TEMPERATURE}&span=60`);
    await page.locator(".uplot").waitFor();
    await page.reload();
    const loadedMs = Date.now();
    await hasText(page.locator(".note"), /every logged value/, "history");
    const over = page.locator(".u-over"),
        box = (await over.boundingBox())!,
        when = page.locator(".legend .when");
    // A place on the chart from before the reload: only history can know its value.
    const time = await until("a point of the past", async () => {
        const share = 1 - (Date.now() - loadedMs + 2500) / 60000;
        await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
        const text = (await when.textContent()) ?? "";
        return /^\d\d:\d\d:\d\d$/.test(text) ? text : null;
    });
    assert.match((await page.locator(".legend .value").textContent()) ?? "", /^−?\d+\.\d\d$/);
    const shown = new Date(loadedMs);
    const [hours, minutes, seconds] = time.split(":").map(Number);
    shown.setHours(hours!, minutes!, seconds!, 0);
    assert.ok(shown.getTime() < loadedMs, `${time} is before the reload`);
    await page.context().close();
});

test("a device is switched, shows who did it, and why", async () => {
    const page = await open("/devices"),
        card = page.locator(".card.device", { hasText: "Heater" });
    for (const word of ["On", "Off"]) {
        await card.getByRole("button", { name: word, exact: true }).click();
        await until(`the heater is told ${word}`, () => {
            const state = newest("edge/demo/devices/heater/state");
            return state?.["target"] === word.toUpperCase() && state["source"] === "manual";
        });
        await hasText(card.locator(".chip"), /by hand/, "who did it");
    }
    await hasText(card.locator(".left"), /left/, "when it ends");
    await card.getByRole("button", { name: "Why?" }).click();
    await hasText(page.locator(".why-text"), /told OFF by manual/, "the explanation");
    await hasText(page.locator(".claims .wins"), /by hand wants OFF/, "the winner");
    await screenshot(page, "why-by-hand");
    await page.keyboard.press("Escape");
    await card.getByRole("button", { name: "Give back" }).click();
    await until(
        "the thermostat has it again",
        () => newest("edge/demo/devices/heater/state")?.["source"] === "controller:air",
    );
    await hasText(card.locator(".chip"), /controller air/, "the controller");
    await page.context().close();
});

test("a number is set where its range is known from the feedback", async () => {
    const page = await open("/devices"),
        card = page.locator(".card.device", { hasText: "Vent" });
    await card.locator("input[type=range]").waitFor();
    assert.equal(await card.locator("input[type=range]").getAttribute("max"), "100");
    await card.locator("input[type=number]").fill("30");
    await card.getByRole("button", { name: "Set" }).click();
    await until("the vent is told 30", () => newest("edge/demo/devices/vent/state")?.["target"] === 30);
    await card.getByRole("button", { name: "Give back" }).click();
    await until("the rule has it again", () => newest("edge/demo/devices/vent/state")?.["source"] !== "manual");
    await page.context().close();
});

test("an alarm is acknowledged, shelved and taken back, and the journal knows it after a reload", async () => {
    const page = await open("/alarms"),
        row = page.locator(".alarm", { hasText: "It does not freeze" });
    const becomes = (state: string): Promise<unknown> =>
        until(`the alarm is ${state}`, () => newest(`${ROOT}/alarms/frost_free`)?.["state"] === state);
    await hasText(row, /active/, "the alarm");
    await hasText(page.locator(".side .badge"), /^\d+$/, "how many wait");
    await screenshot(page, "alarm-active");
    await row.getByRole("button", { name: "Acknowledge" }).click();
    await becomes("active_ack");
    await hasText(row, /active, acknowledged/, "the new state");
    await row.locator("select").selectOption("3600");
    await becomes("shelved");
    await until("a shelved alarm is not among the active ones", async () => (await row.count()) === 0);
    await page.getByRole("button", { name: "All" }).click();
    await hasText(row, /shelved/, "the shelved alarm");
    await hasText(row.locator(".details"), /59:\d\d left/, "when the shelving ends");
    await row.getByRole("button", { name: "Unshelve" }).click();
    await until("it is back", () => String(newest(`${ROOT}/alarms/frost_free`)?.["state"]).startsWith("active"));
    await page.evaluate(() => (location.hash = "#/"));
    await page.reload();
    await hasText(page.locator(".tile .value"), /\d/, "a value");
    await page.evaluate(() => (location.hash = "#/alarms"));
    for (const event of ["raise", "ack", "shelve", "unshelve"]) {
        await page
            .locator(".journal li", { hasText: "Frost free" })
            .locator(`.chip[data-event=${event}]`)
            .first()
            .waitFor();
    }
    await page.context().close();
});

test("what is not allowed or not heard is said", async () => {
    const page = await open("/alarms"),
        topic = "edge/demo/nobody/alarms/deaf";
    await client.unsubscribeAsync("edge/#");
    await client.publishAsync(topic, '{"state":"active_unack","since":1,"priority":3,"text":"x"}', {
        retain: true,
        qos: 1,
    });
    await page.locator(".alarm", { hasText: "Deaf" }).getByRole("button", { name: "Acknowledge" }).click();
    await hasText(page.locator(".toast"), /nobody listens there/, "that nobody heard it");
    await client.publishAsync(topic, "", { retain: true, qos: 1 });
    await client.subscribeAsync("edge/#", { qos: 1 });
    await page.context().close();
});

test("a second site is told apart, its plain values are read", async () => {
    const gateway = "edge/boat/gw5",
        kept = { retain: true, qos: 1 } as const;
    const info = { program: "edge-gateway", version: "0", started: 1, buses: ["can0"], devices: [], capabilities: [] };
    await client.publishAsync(`${gateway}/can/can0/Engine/Rpm`, "1850.5", kept);
    await client.publishAsync(`${gateway}/info`, JSON.stringify(info), kept);
    const page = await open("/signals"),
        sites = page.getByLabel("Site");
    await sites.selectOption("boat");
    await hasText(page.locator(".count"), /^1 signal$/, "the one signal of the boat");
    await hasText(page.locator(".signal:not([hidden]) .value"), /1850\.5/, "its value");
    for (const topic of ["can/can0/Engine/Rpm", "info"]) await client.publishAsync(`${gateway}/${topic}`, "", kept);
    await until("no choice of sites is left", async () => !(await sites.isVisible()));
    await page.context().close();
});

test("signals are searched and opened by keyboard alone", async () => {
    const page = await open("/");
    await hasText(page.locator(".tile .value"), /\d/, "a value");
    await page.keyboard.press("/");
    await page.locator(".signals .search").waitFor();
    await page.keyboard.type("soil herb");
    await hasText(page.locator(".count"), /^2 of \d+ signals$/, "what was found");
    await page.locator(".virtual").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await hasText(page.locator(".legend .name"), /HerbMoisture/, "its chart");
    await page.context().close();
});

test("the broker is killed and comes back, and the page says so", async () => {
    const page = await open("/signals"),
        rate = page.locator(".side .rate");
    await hasText(page.locator(".side .status"), /live/, "live");
    await plant.killBroker();
    await hasText(page.locator(".banner"), /connection to the broker is lost/, "the loss");
    await screenshot(page, "broker-away");
    await plant.startBroker();
    await hasText(page.locator(".side .status"), /live/, "live again");
    await until("no banner", async () => !(await page.locator(".banner").isVisible()));
    await until("values again", async () => Number.parseFloat((await rate.textContent()) ?? "") > 0);
    await page.context().close();
});

test("a phone shows the same", async () => {
    const page = await openPage(browser, `${plant.url}#/signals`, PHONE);
    await hasText(page.locator(".signal:not([hidden]) .value"), /./, "a value");
    assert.ok(await page.locator(".bottom").isVisible());
    assert.ok(!(await page.locator(".side").isVisible()));
    await page.context().close();
});

test("a wrong password is refused, the right one remembered", async () => {
    const locked = new Plant();
    try {
        const passwords = join(locked.directory, "passwords");
        writeFileSync(passwords, "");
        chmodSync(passwords, 0o600);
        assert.equal(spawnSync("mosquitto_passwd", ["-b", passwords, "anna", "right"]).status, 0);
        await locked.startBroker(`allow_anonymous false\npassword_file ${passwords}`);
        const anna = await locked.client({ username: "anna", password: "right" });
        await anna.publishAsync(
            "edge/home/gw9/info",
            JSON.stringify({
                program: "edge-gateway",
                version: "0",
                started: 1,
                buses: [],
                devices: [],
                capabilities: [],
            }),
            { retain: true, qos: 1 },
        );
        const page = await openPage(browser, locked.url);
        await page.getByLabel("Name").fill("anna");
        await page.getByLabel("Password").fill("wrong");
        await page.getByRole("button", { name: "Log in" }).click();
        await hasText(page.locator(".login .failure"), /does not accept/, "the refusal");
        await screenshot(page, "login-refused");
        await page.getByLabel("Password").fill("right");
        await page.getByRole("button", { name: "Log in" }).click();
        await hasText(page.locator(".site-name"), /Home/, "the site");
        await page.reload();
        await hasText(page.locator(".site-name"), /Home/, "the site, without asking again");
        assert.ok(!(await page.locator(".login").isVisible()));
        await page.context().close();
    } finally {
        await locked.end();
    }
});
