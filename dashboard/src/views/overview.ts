/* The first look: what is there, what is wrong, what it does. */

import type { AlarmEntity, BusEntity, DeviceEntity, NodeEntity, Signal } from "../model/entities.ts";
import { trustOf } from "../model/entities.ts";
import { formatAge, formatDuration, formatTime, formatValue, humanize, humanizeName } from "../model/format.ts";
import { h, KeyedList, setAttribute, setHidden, setText, type Part } from "../ui/dom.ts";
import { colour, stars } from "../ui/preferences.ts";
import { Sparkline } from "../ui/sparkline.ts";
import { alarmWord, busWord, isPressing, nodeWord, StatusPill } from "../ui/status.ts";
import { ofSite, type Context, type View } from "../ui/view.ts";
import { byUrgency } from "./alarms.ts";
import { chartPath } from "./chart_path.ts";
import { sourceWords } from "./device_card.ts";

const TILES = 10;
const STARRED_AT_MOST = 24;
const ALARMS_SHOWN = 4;

export class OverviewView implements View {
    readonly title = "Overview";
    readonly root: HTMLElement;
    private readonly sites: KeyedList<string>;
    private readonly empty = h(
        "div",
        { class: "empty" },
        h("p", {}, "Nothing has been announced on this broker yet."),
        h(
            "p",
            { class: "soft" },
            "As soon as a gateway or an automation node connects, it is shown here. Nothing has to be configured.",
        ),
    );

    constructor(private readonly context: Context) {
        const body = h("div");
        this.sites = new KeyedList(
            body,
            (key) => key,
            (key) => new SiteSection(context, key),
        );
        this.root = h("section", { class: "view overview" }, body, this.empty);
    }

    update(nowMs: number): void {
        const sites = new Set(
            ofSite(this.context, this.context.store.nodes.values()).map(({ place }) => `${place.prefix}/${place.site}`),
        );
        this.sites.sync([...sites].sort(), nowMs);
        setHidden(this.empty, sites.size > 0);
    }
}

class SiteSection implements Part<string> {
    readonly root: HTMLElement;
    private readonly nodes: KeyedList<NodeEntity>;
    private readonly buses: KeyedList<BusEntity>;
    private readonly alarms: KeyedList<AlarmEntity>;
    private readonly tiles: KeyedList<Signal>;
    private readonly devices: KeyedList<DeviceEntity>;
    private readonly alarmPart: HTMLElement;
    private readonly calm = h("div", { class: "calm-line" });
    private readonly calmPill = new StatusPill();
    private readonly tilePart: HTMLElement;
    private readonly devicePart: HTMLElement;
    private readonly nextPart: HTMLElement;
    private readonly next: KeyedList<Upcoming>;
    private chosen: Signal[] = [];
    private stamp = "";

    constructor(
        private readonly context: Context,
        private readonly site: string,
    ) {
        const nodes = h("div", { class: "strip" }),
            buses = h("div", { class: "strip" }),
            alarms = h("ul", { class: "brief-alarms" });
        const tiles = h("div", { class: "tiles" }),
            devices = h("div", { class: "tiles" }),
            next = h("ul", { class: "rows" });
        this.nodes = new KeyedList(
            nodes,
            ({ key }) => key,
            (node) => nodeChip(context, node),
        );
        this.buses = new KeyedList(
            buses,
            ({ key }) => key,
            (bus) => busChip(context, bus),
        );
        this.alarms = new KeyedList(
            alarms,
            ({ key }) => key,
            (alarm) => briefAlarm(context, alarm),
        );
        this.tiles = new KeyedList(
            tiles,
            ({ key }) => key,
            (signal) => new SignalTile(context, signal),
        );
        this.devices = new KeyedList(
            devices,
            ({ key }) => key,
            (device) => deviceTile(context, device),
        );
        this.next = new KeyedList(next, ({ key }) => key, upcomingRow);
        this.calm.append(this.calmPill.root);
        this.alarmPart = h("section", {}, linkedTitle("Alarms", "/alarms"), alarms);
        this.tilePart = h("section", {}, linkedTitle("Readings", "/signals"), tiles);
        this.devicePart = h("section", {}, linkedTitle("Devices", "/devices"), devices);
        this.nextPart = h("section", {}, linkedTitle("Coming up", "/automation"), next);
        this.root = h(
            "div",
            { class: "site" },
            h(
                "header",
                {},
                h("h2", { class: "site-name" }, humanize(site.split("/").at(-1)!)),
                nodes,
                buses,
                this.calm,
            ),
            this.alarmPart,
            this.tilePart,
            this.devicePart,
            this.nextPart,
        );
    }

    update(_: string, nowMs: number): void {
        const { store } = this.context,
            here = <T extends { key: string }>(parts: Iterable<T>): T[] => {
                const found: T[] = [];
                for (const part of parts) if (part.key.startsWith(`${this.site}/`)) found.push(part);
                return found.sort((a, b) => a.key.localeCompare(b.key));
            };
        this.nodes.sync(here(store.nodes.values()), nowMs);
        this.buses.sync(here(store.buses.values()), nowMs);
        const alarms = here(store.alarms.values()),
            pressing = alarms.filter(({ state }) => isPressing(state)).sort(byUrgency);
        this.alarms.sync(pressing.slice(0, ALARMS_SHOWN), nowMs);
        setHidden(this.alarmPart, pressing.length === 0);
        setHidden(this.calm, pressing.length > 0 || alarms.length === 0);
        this.calmPill.set({ tone: "good", text: "no active alarm" });
        this.tiles.sync(this.choose(), nowMs);
        setHidden(this.tilePart, this.chosen.length === 0);
        const devices = here(store.devices.values());
        this.devices.sync(devices, nowMs);
        setHidden(this.devicePart, devices.length === 0);
        const next = upcoming(here(store.schedules.values()), devices, nowMs);
        this.next.sync(next, nowMs);
        setHidden(this.nextPart, next.length === 0);
    }

    /** The starred signals; without any, the first with a unit of each message in turn. */
    private choose(): Signal[] {
        const { store } = this.context,
            marked = stars(),
            stamp = `${store.revision} ${[...marked].join(" ")}`;
        if (stamp === this.stamp) return this.chosen;
        this.stamp = stamp;
        const signals = [...store.signals.values()].filter(({ key }) => key.startsWith(`${this.site}/`));
        const starred = signals.filter(({ key }) => marked.has(key));
        this.chosen = starred.length > 0 ? starred.slice(0, STARRED_AT_MOST) : inTurn(signals);
        return this.chosen;
    }
}

function inTurn(signals: Signal[]): Signal[] {
    const groups = new Map<string, Signal[]>();
    for (const signal of signals) {
        if (signal.unit === "" || signal.labels || signal.message.settable) continue;
        const { key } = signal.message;
        groups.set(key, [...(groups.get(key) ?? []), signal]);
    }
    const lists = [...groups.values()],
        picked: Signal[] = [];
    for (let i = 0; picked.length < TILES && lists.some((list) => i < list.length); i++) {
        for (const list of lists) if (list[i]) picked.push(list[i]!);
    }
    return picked.slice(0, TILES);
}

function linkedTitle(text: string, path: string): HTMLElement {
    return h("h3", { class: "linked" }, h("a", { href: `#${path}` }, text));
}

function nodeChip(context: Context, node: NodeEntity): Part<NodeEntity> {
    const pill = new StatusPill(),
        root = h(
            "button",
            { class: "strip-item", onclick: () => context.navigate("/system") },
            h("span", {}, node.node),
            pill.root,
        );
    return { root, update: ({ online }) => void pill.set(nodeWord(online)) };
}

function busChip(context: Context, bus: BusEntity): Part<BusEntity> {
    const pill = new StatusPill(),
        root = h(
            "button",
            { class: "strip-item", onclick: () => context.navigate("/system") },
            h("span", {}, `bus ${bus.id}`),
            pill.root,
        );
    return { root, update: ({ state }) => void pill.set(busWord(state?.state ?? "unknown")) };
}

function briefAlarm(context: Context, alarm: AlarmEntity): Part<AlarmEntity> {
    const pill = new StatusPill(),
        text = h("span"),
        age = h("span", { class: "soft" });
    const root = h(
        "li",
        {},
        h(
            "button",
            { class: "brief", onclick: () => context.navigate("/alarms") },
            pill.root,
            h("strong", {}, humanize(alarm.id)),
            text,
            age,
        ),
    );
    const update = ({ state }: AlarmEntity, nowMs: number): void => {
        pill.set(alarmWord(state));
        setAttribute(root, "data-pressing", String(state.priority));
        setText(text, state.text);
        setText(age, state.since === undefined ? "" : formatAge(nowMs / 1000 - state.since));
    };
    return { root, update };
}

class SignalTile implements Part<Signal> {
    readonly root: HTMLElement;
    private readonly value = h("span", { class: "value" });
    private readonly unit = h("span", { class: "unit" });
    private readonly note = h("span", { class: "soft hint" });
    private readonly spark = new Sparkline(168, 34);

    constructor(
        private readonly context: Context,
        private readonly signal: Signal,
    ) {
        this.root = h(
            "button",
            { class: "card tile", onclick: () => context.navigate(chartPath([signal.key])) },
            h("span", { class: "title" }, humanizeName(signal.name)),
            h("span", { class: "reading" }, this.value, this.unit),
            this.spark.canvas,
            this.note,
        );
    }

    update(_: Signal, nowMs: number): void {
        const { signal } = this,
            trust = trustOf(signal, nowMs),
            good = trust === "good";
        setText(this.value, formatValue(signal.value, signal.decimals));
        setText(this.unit, signal.unit);
        setText(
            this.note,
            good
                ? signal.message.title
                : trust === "waiting"
                  ? "no value yet"
                  : `${trust.replaceAll("_", " ")}, ${formatAge((nowMs - signal.atMs) / 1000)}`,
        );
        this.root.classList.toggle("doubtful", !good);
        this.context.trends.want(signal);
        this.spark.draw(signal.key, signal.trend, nowMs, colour(good ? "accent" : "soft"));
    }
}

function deviceTile(context: Context, device: DeviceEntity): Part<DeviceEntity> {
    const value = h("span", { class: "value" }),
        note = h("span", { class: "soft hint" });
    const root = h(
        "button",
        { class: "card tile", onclick: () => context.navigate("/devices") },
        h("span", { class: "title" }, humanize(device.id)),
        h("span", { class: "reading" }, value),
        note,
    );
    const update = ({ state }: DeviceEntity): void => {
        setText(value, formatValue(state.value ?? state.target));
        setText(note, sourceWords(state.source));
        root.classList.toggle("doubtful", state.quality !== "good");
    };
    return { root, update };
}

interface Upcoming {
    key: string;
    ts: number;
    text: string;
}

/** What is known to happen: the next blocks of schedules, and the ends of what people asked for. */
function upcoming(
    schedules: { key: string; id: string; state: { enabled: boolean; next: { ts: number; value: unknown } | null } }[],
    devices: DeviceEntity[],
    nowMs: number,
): Upcoming[] {
    const found: Upcoming[] = [];
    for (const { key, id, state } of schedules) {
        if (!state.enabled || !state.next) continue;
        found.push({
            key,
            ts: state.next.ts,
            text: `${humanize(id)}: ${state.next.value === null ? "ends" : formatValue(state.next.value)}`,
        });
    }
    for (const { key, id, state } of devices) {
        if (state.source === "manual" && state.until !== undefined)
            found.push({ key, ts: state.until, text: `${humanize(id)}: what was asked by hand ends` });
    }
    return found
        .filter(({ ts }) => ts * 1000 > nowMs - 5000)
        .sort((a, b) => a.ts - b.ts)
        .slice(0, 5);
}

function upcomingRow({ key }: Upcoming): Part<Upcoming> {
    const what = h("span"),
        when = h("span", { class: "soft" }),
        root = h("li", { class: "brief", "data-key": key }, what, when);
    const update = ({ ts, text }: Upcoming, nowMs: number): void => {
        setText(what, text);
        setText(when, `${formatTime(ts, nowMs)}, in ${formatDuration(ts - nowMs / 1000)}`);
    };
    return { root, update };
}
