/* The machinery: nodes, buses, counters and what happened to them. */

import type { BusEntity, NodeEntity } from "../model/entities.ts";
import { formatDuration, formatNumber, formatTime } from "../model/format.ts";
import type { Told } from "../model/store.ts";
import { asCount, asObject, type Json, type NodeEvent } from "../model/wire.ts";
import { h, KeyedList, setAttribute, setHidden, setText, type Part } from "../ui/dom.ts";
import { busWord, nodeWord, StatusPill } from "../ui/status.ts";
import { manySites, ofSite, type Context, type View } from "../ui/view.ts";

const EVENTS_SHOWN = 50;

export class SystemView implements View {
    readonly title = "Nodes and buses";
    readonly root: HTMLElement;
    private readonly nodes: KeyedList<NodeEntity>;
    private readonly buses: KeyedList<BusEntity>;
    private readonly events: KeyedList<Told<NodeEvent>>;
    private readonly busTitle = h("h2", {}, "Buses");
    private readonly noEvents = h("p", { class: "soft" }, "Nothing has happened since this page was opened.");

    constructor(private readonly context: Context) {
        const buses = h("div", { class: "cards" }),
            nodes = h("div", { class: "cards wide" }),
            events = h("ul", { class: "journal" });
        this.buses = new KeyedList(
            buses,
            ({ key }) => key,
            (bus) => new BusCard(context, bus),
        );
        this.nodes = new KeyedList(
            nodes,
            ({ key }) => key,
            (node) => new NodeCard(context, node),
        );
        this.events = new KeyedList(
            events,
            ({ event, node }) => `${node} ${event.ts} ${event.event} ${event.text}`,
            eventItem,
        );
        this.root = h(
            "section",
            { class: "view system" },
            this.busTitle,
            buses,
            h("h2", {}, "Nodes"),
            nodes,
            h("h2", {}, "Events"),
            this.noEvents,
            events,
        );
    }

    update(nowMs: number): void {
        const buses = ofSite(this.context, this.context.store.buses.values());
        this.buses.sync(buses, nowMs);
        setHidden(this.busTitle, buses.length === 0);
        this.nodes.sync(ofSite(this.context, this.context.store.nodes.values()), nowMs);
        const site = this.context.site();
        const events = this.context.store.events.filter(({ place }) => site === null || place.site === site);
        this.events.sync(events.slice(0, EVENTS_SHOWN), nowMs);
        setHidden(this.noEvents, events.length > 0);
    }
}

class BusCard implements Part<BusEntity> {
    readonly root: HTMLElement;
    private readonly pill = new StatusPill();
    private readonly load = h("meter", { min: 0, max: 100, high: 70, optimum: 10, "aria-label": "Bus load" });
    private readonly loadText = h("span", { class: "value" });
    private readonly loadRow: HTMLElement;
    private readonly since = h("p", { class: "reason" });
    private readonly table = new FactTable();

    constructor(context: Context, bus: BusEntity) {
        const where = manySites(context.store) ? `${bus.place.site} · ${bus.node}` : bus.node;
        this.loadRow = h("div", { class: "load" }, h("span", {}, "Load"), this.load, this.loadText);
        this.root = h(
            "article",
            { class: "card bus", "aria-label": `Bus ${bus.id}` },
            h("header", {}, h("div", {}, h("h3", {}, bus.id), h("span", { class: "soft" }, where)), this.pill.root),
            this.loadRow,
            this.since,
            this.table.root,
        );
    }

    update({ state }: BusEntity, nowMs: number): void {
        if (!state) return;
        this.pill.set(busWord(state.state));
        setHidden(this.loadRow, state.load === undefined);
        setAttribute(this.load, "value", String(state.load ?? 0));
        setText(this.loadText, `${formatNumber(state.load ?? 0, 1)} %`);
        setText(this.since, state.since === undefined ? "" : `since ${formatTime(state.since, nowMs)}`);
        this.table.show(state.counters.map(([name, count]) => [name.replaceAll("_", " "), formatNumber(count)]));
    }
}

class NodeCard implements Part<NodeEntity> {
    readonly root: HTMLElement;
    private readonly pill = new StatusPill();
    private readonly program = h("p", { class: "reason" });
    private readonly facts = new FactTable();
    private readonly details: HTMLDetailsElement;
    private readonly counters = new FactTable();

    constructor(context: Context, node: NodeEntity) {
        this.details = h("details", {}, h("summary", {}, "Counters"), this.counters.root);
        this.root = h(
            "article",
            { class: "card node", "aria-label": `Node ${node.node}` },
            h(
                "header",
                {},
                h(
                    "div",
                    {},
                    h("h3", {}, node.node),
                    manySites(context.store) && h("span", { class: "soft" }, node.place.site),
                ),
                this.pill.root,
            ),
            this.program,
            this.facts.root,
            this.details,
        );
    }

    update(node: NodeEntity, nowMs: number): void {
        const { info, metrics } = node;
        this.pill.set(nodeWord(node.online));
        setText(this.program, info ? `${info.program} ${info.version}` : "has not said yet what it is");
        this.facts.show(info ? nodeFacts(node, nowMs) : []);
        setHidden(this.details, metrics === null);
        if (metrics && this.details.open) this.counters.show(counterRows(metrics, node.metricsBefore));
    }
}

function nodeFacts({ info, online, clockOffsetMs, metrics }: NodeEntity, nowMs: number): [string, string][] {
    if (!info) return [];
    const facts: [string, string][] = [];
    if (info.started !== undefined) {
        facts.push(["started", formatTime(info.started, nowMs)]);
        if (online !== false) facts.push(["up for", formatDuration(nowMs / 1000 - info.started)]);
    }
    if (info.buses.length > 0) facts.push(["buses", info.buses.join(", ")]);
    if (info.devices.length > 0) facts.push(["devices", info.devices.join(", ")]);
    if (info.configuration !== "") facts.push(["configuration", info.configuration.slice(0, 12)]);
    if (clockOffsetMs) facts.push(["clock", `${formatNumber(clockOffsetMs / 1000, 1)} s from this browser's`]);
    if (metrics) facts.push(["counters", `${formatTime(asCount(metrics["ts"]), nowMs)}`]);
    return facts;
}

/** Groups of counters flattened to rows, each with its rate since the report before. */
function counterRows(metrics: Json, before: Json | null): [string, string][] {
    const rows: [string, string][] = [],
        seconds = asCount(metrics["ts"]) - asCount(before?.["ts"]);
    const walk = (path: string, group: Json, old: Json): void => {
        for (const [name, value] of Object.entries(group)) {
            const full = path === "" ? name : `${path} ${name}`;
            if (typeof value === "object" && value !== null) walk(full, asObject(value), asObject(old[name]));
            else if (path !== "" && typeof value === "number")
                rows.push([full.replaceAll("_", " "), counted(value, old[name], seconds)]);
        }
    };
    walk("", metrics, before ?? {});
    return rows;
}

function counted(value: number, before: unknown, seconds: number): string {
    const rate = typeof before === "number" && seconds > 0 ? (value - before) / seconds : 0;
    return rate > 0 && Number.isInteger(value)
        ? `${formatNumber(value)}  +${formatNumber(rate, rate < 10 ? 1 : 0)}/s`
        : formatNumber(value);
}

/** Names and values, touched only where they change. */
class FactTable {
    readonly root = h("dl", { class: "fact-table" });

    show(facts: readonly (readonly [string, string])[]): void {
        while (this.root.childElementCount > facts.length * 2) this.root.lastElementChild!.remove();
        while (this.root.childElementCount < facts.length * 2) this.root.append(h("dt"), h("dd", { class: "value" }));
        for (const [i, [name, value]] of facts.entries()) {
            setText(this.root.children[2 * i]!, name);
            setText(this.root.children[2 * i + 1]!, value);
        }
    }
}

function eventItem({ event, node }: Told<NodeEvent>): Part<Told<NodeEvent>> {
    const time = h("time", { class: "soft" });
    const root = h(
        "li",
        {},
        time,
        h("span", { class: "chip" }, event.event.replaceAll("_", " ")),
        h("strong", {}, event.bus === "" ? node : `${node} · ${event.bus}`),
        h("span", {}, event.text),
    );
    return { root, update: (_, nowMs) => setText(time, formatTime(event.ts, nowMs)) };
}
