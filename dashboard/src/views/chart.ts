/*
 * Signals over time. The past comes from the gateways (request `history`), the present from the live
 * readings, as one line. A span up to now goes on by itself; a part that somebody zoomed into stays.
 */

import type { Signal } from "../model/entities.ts";
import { trustOf } from "../model/entities.ts";
import { formatNumber, formatTime, NO_VALUE } from "../model/format.ts";
import { matcher } from "../model/search.ts";
import { h, KeyedList, setAttribute, setHidden, setText, type Part } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import type { Context, View } from "../ui/view.ts";
import { ChartLine } from "./chart_line.ts";
import { chartPath } from "./chart_path.ts";
import { Plot, seriesColour } from "./chart_plot.ts";

const SPANS: readonly [number, string][] = [
    [300, "5 min"],
    [900, "15 min"],
    [3600, "1 h"],
    [21600, "6 h"],
    [86400, "24 h"],
    [604800, "7 d"],
    [2592000, "30 d"],
];
const LINES_AT_MOST = 8;
const OFFERED_AT_MOST = 8;
const SHORTEST_S = 1;
const LONGEST_S = 366 * 86400;
const ASK_AFTER_MS = 200; // of zooming, for what is settled on
const ASK_AGAIN_MS = 3000; // when it was refused: the log may be busy
const SLOW_SPAN_S = 1800; // longer ones need not move four times a second
const SLOW_BEAT_MS = 1000;

export class ChartView implements View {
    readonly title = "Charts";
    readonly root: HTMLElement;
    private lines: ChartLine[] = [];
    private wanted: string[] = [];
    private plot: Plot | null = null;
    private spanS = 900;
    /** What somebody zoomed into; null: the last `spanS`, live. */
    private fixed: { from: number; to: number } | null = null;
    private asking: ReturnType<typeof setTimeout> | undefined;
    private question = 0;
    private session = -1;
    private drawnMs = 0;
    private cursor: number | null = null;
    private colours = "";

    private readonly host = h("div", { class: "plot" });
    private readonly figure: HTMLElement;
    private readonly note = h("p", { class: "soft note", role: "status" });
    private readonly empty = h("div", { class: "empty" }, "Choose a signal to see how it went.");
    private readonly legend = h("ul", { class: "legend" });
    private readonly entries: KeyedList<ChartLine>;
    private readonly spans: HTMLButtonElement[];
    private readonly live: HTMLButtonElement;
    private readonly adder: SignalPicker;

    constructor(private readonly context: Context) {
        this.spans = SPANS.map(([spanS, words]) => h("button", { onclick: () => this.goLive(spanS) }, words));
        this.live = h(
            "button",
            { class: "live", onclick: () => this.goLive(this.spanS) },
            h("span", { class: "dot" }),
            "Live",
        );
        this.adder = new SignalPicker(context, (signal) => this.add(signal));
        this.entries = new KeyedList(
            this.legend,
            ({ key }) => key,
            (line) => this.entry(line),
        );
        this.figure = h(
            "div",
            {
                class: "figure card",
                tabindex: "0",
                role: "group",
                onkeydown: (event: KeyboardEvent) => this.onKey(event),
                "aria-label": "Chart. Arrow keys move it, plus and minus zoom, 0 goes back to live.",
            },
            this.host,
            this.empty,
        );
        this.root = h(
            "section",
            { class: "view chart" },
            h(
                "div",
                { class: "toolbar" },
                h("div", { class: "segments", role: "group", "aria-label": "Time span" }, ...this.spans),
                this.live,
                h(
                    "div",
                    { class: "segments", role: "group", "aria-label": "Move and zoom" },
                    this.tool("left", "Earlier", () => this.pan(-0.5)),
                    this.tool("right", "Later", () => this.pan(0.5)),
                    this.tool("minus", "Zoom out", () => this.zoom(2)),
                    this.tool("plus", "Zoom in", () => this.zoom(0.5)),
                ),
                this.adder.root,
            ),
            this.figure,
            this.note,
            this.legend,
        );
        new ResizeObserver(() => this.plot?.resize(this.host.clientWidth, this.host.clientHeight)).observe(this.host);
    }

    show(query: URLSearchParams): void {
        this.wanted = query.getAll("s").slice(0, LINES_AT_MOST);
        const spanS = Number(query.get("span"));
        if (spanS >= SHORTEST_S && spanS <= LONGEST_S) this.spanS = spanS;
        this.fixed = null;
        this.rebuild();
    }

    hide(): void {
        for (const line of this.lines) line.close();
        this.lines = [];
        this.plot?.destroy();
        this.plot = null;
    }

    update(nowMs: number): void {
        const known = this.wanted.filter((key) => this.context.store.signals.has(key)).length;
        const colours = `${seriesColour(0)} ${document.documentElement.dataset["theme"] ?? ""}`;
        if (known !== this.lines.length || colours !== this.colours) this.rebuild();
        this.colours = colours;
        if (this.session !== this.context.connection.session) {
            this.session = this.context.connection.session;
            this.askSoon();
        }
        this.adder.update();
        const [from, to] = this.range(nowMs);
        if (nowMs - this.drawnMs >= (to - from > SLOW_SPAN_S ? SLOW_BEAT_MS : 0)) {
            this.drawnMs = nowMs;
            this.draw(from, to, nowMs);
        }
        this.tell(nowMs);
    }

    // --- what is shown

    private rebuild(): void {
        this.hide();
        for (const key of this.wanted) {
            const signal = this.context.store.signals.get(key);
            if (signal) this.lines.push(new ChartLine(key, signal));
        }
        setHidden(this.empty, this.lines.length > 0);
        setHidden(this.host, this.lines.length === 0);
        if (this.lines.length > 0) {
            this.plot = new Plot(this.host, this.lines, {
                zoom: (from, to) => this.fix(from, to),
                reset: () => this.goLive(this.spanS),
                cursor: (index) => {
                    this.cursor = index;
                    this.entries.sync(this.lines, Date.now());
                },
            });
        }
        this.drawnMs = 0;
        this.askSoon(0);
    }

    private range(nowMs: number): [number, number] {
        if (this.fixed) return [this.fixed.from, this.fixed.to];
        const now = Math.max(...this.lines.map((line) => line.nowS(nowMs)), this.lines.length > 0 ? 0 : nowMs / 1000);
        return [now - this.spanS, now];
    }

    private draw(from: number, to: number, nowMs: number): void {
        const points = this.lines.map((line) => {
            if (!this.fixed) line.tail.dropBefore(from - this.spanS);
            return line.points(from, to, nowMs, trustOf(line.signal, nowMs) === "good");
        });
        this.plot?.set(points, from, to);
        this.entries.sync(this.lines, nowMs);
    }

    private tell(nowMs: number): void {
        const error = this.lines.find((line) => line.error !== "")?.error ?? "";
        const sources = [...new Set(this.lines.filter((line) => line.count > 0).map(sourceWords))].join(", ");
        const missing = this.wanted.length - this.lines.length;
        let text = sources === "" ? "" : `History: ${sources}.`;
        if (this.lines.some((line) => line.loading)) text = "Asking the gateway for the past …";
        else if (error !== "") text = `No history: ${error}.`;
        if (missing > 0)
            text += ` Waiting for ${missing} signal${missing > 1 ? "s" : ""} that nobody has announced yet.`;
        if (this.fixed) text += ` ${formatTime(this.fixed.from, nowMs)} to ${formatTime(this.fixed.to, nowMs)}.`;
        setText(this.note, text.trim());
        for (const [i, [spanS]] of SPANS.entries()) {
            setAttribute(this.spans[i]!, "aria-pressed", String(!this.fixed && spanS === this.spanS));
        }
        setAttribute(this.live, "aria-pressed", String(!this.fixed));
    }

    // --- moving through time

    private goLive(spanS: number): void {
        this.fixed = null;
        this.spanS = spanS;
        this.remember();
        this.drawnMs = 0;
        this.askSoon(0);
        this.update(Date.now());
    }

    private fix(from: number, to: number): void {
        const span = Math.min(LONGEST_S, Math.max(SHORTEST_S, to - from)),
            middle = (from + to) / 2;
        this.fixed = { from: middle - span / 2, to: middle + span / 2 };
        this.drawnMs = 0;
        this.askSoon();
        this.update(Date.now());
    }

    private pan(share: number): void {
        const [from, to] = this.range(Date.now()),
            by = (to - from) * share;
        this.fix(from + by, to + by);
    }

    private zoom(factor: number): void {
        const [from, to] = this.range(Date.now()),
            middle = (from + to) / 2,
            half = ((to - from) / 2) * factor;
        this.fix(middle - half, middle + half);
    }

    private onKey(event: KeyboardEvent): void {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const actions: Record<string, () => void> = {
            ArrowLeft: () => this.pan(-0.25),
            ArrowRight: () => this.pan(0.25),
            "+": () => this.zoom(0.5),
            "=": () => this.zoom(0.5),
            "-": () => this.zoom(2),
            "0": () => this.goLive(this.spanS),
            Home: () => this.goLive(this.spanS),
        };
        const action = actions[event.key];
        if (!action) return;
        action();
        event.preventDefault();
    }

    // --- the past

    private askSoon(afterMs = ASK_AFTER_MS): void {
        clearTimeout(this.asking);
        this.asking = setTimeout(() => this.ask(), afterMs);
    }

    private ask(): void {
        if (!this.context.connection.isLive) return;
        const question = ++this.question,
            [from, to] = this.range(Date.now());
        const nodes = new Map<string, ChartLine[]>();
        for (const line of this.lines) {
            const { key } = line.signal.message.node;
            nodes.set(key, [...(nodes.get(key) ?? []), line]);
        }
        for (const lines of nodes.values()) void this.askNode(question, lines, from, to);
    }

    private async askNode(question: number, lines: ChartLine[], from: number, to: number): Promise<void> {
        const { node } = lines[0]!.signal.message;
        for (const line of lines) line.loading = true;
        try {
            const chunks = await this.context.asker.ask(node.place, node.node, "history", {
                signals: lines.map(({ signal }) => signal.path),
                from: Math.max(0, Math.floor(from - 5)),
                ...(this.fixed ? { to: Math.ceil(to) } : {}),
                max_points: Math.min(4000, Math.max(200, Math.round(this.host.clientWidth * 1.5))),
            });
            if (question !== this.question) return;
            for (const line of lines) {
                line.take(chunks);
                line.error = "";
            }
        } catch (error) {
            if (question !== this.question) return;
            for (const line of lines) line.error = (error as Error).message;
            this.askSoon(ASK_AGAIN_MS);
        } finally {
            if (question === this.question) for (const line of lines) line.loading = false;
            this.drawnMs = 0;
        }
    }

    // --- which signals

    private add(signal: Signal): void {
        if (this.wanted.includes(signal.key) || this.wanted.length >= LINES_AT_MOST) return;
        this.choose([...this.wanted, signal.key]);
    }

    private choose(keys: string[]): void {
        this.wanted = keys;
        this.remember();
        this.rebuild();
        this.update(Date.now());
    }

    /** In the address, without an entry in the browser's history for each click. */
    private remember(): void {
        history.replaceState(null, "", `#${chartPath(this.wanted, this.spanS)}`);
    }

    private entry(line: ChartLine): Part<ChartLine> {
        const swatch = h("span", { class: "swatch" }),
            value = h("span", { class: "value" }),
            when = h("span", { class: "soft when" });
        const remove = h(
            "button",
            {
                class: "bare",
                "aria-label": `Remove ${line.signal.name}`,
                onclick: () => this.choose(this.wanted.filter((key) => key !== line.key)),
            },
            icon("close"),
        );
        const { signal } = line;
        const root = h(
            "li",
            {},
            swatch,
            h("span", { class: "name" }, signal.name, h("span", { class: "soft" }, ` ${signal.message.title}`)),
            value,
            h("span", { class: "unit" }, signal.unit),
            when,
            remove,
        );
        const update = (_: ChartLine, nowMs: number): void => {
            const index = this.lines.indexOf(line),
                at = this.cursor === null ? null : this.plot?.at(index, this.cursor);
            const number = this.cursor === null ? signal.number : (at?.v ?? null);
            swatch.style.background = seriesColour(index);
            setText(
                value,
                number === null ? NO_VALUE : (signal.labels?.get(number) ?? formatNumber(number, signal.decimals)),
            );
            setText(when, this.cursor === null ? "now" : at ? formatTime(at.t, nowMs) : "");
        };
        return { root, update };
    }

    private tool(name: "left" | "right" | "plus" | "minus", words: string, action: () => void): HTMLElement {
        return h("button", { class: "tool", "aria-label": words, title: words, onclick: action }, icon(name));
    }
}

function sourceWords({ source, count, history }: ChartLine): string {
    const names: Record<string, string> = {
        frames: "every logged value",
        "1m": "values by the minute",
        "15m": "values by the quarter of an hour",
        "1h": "values by the hour",
        summary: "what thinning left",
    };
    const chosen = count > history.t.length ? `, ${history.t.length} points that show the shape of ${count}` : "";
    return `${names[source] ?? source}${chosen}`;
}

/** A field that finds signals to add. */
class SignalPicker {
    readonly root: HTMLElement;
    private readonly input: HTMLInputElement;
    private readonly offers = h("ul", { class: "offers", role: "listbox", hidden: true });
    private revision = -1;

    constructor(
        private readonly context: Context,
        private readonly choose: (signal: Signal) => void,
    ) {
        this.input = h("input", {
            type: "search",
            placeholder: "Add a signal",
            "aria-label": "Add a signal",
            spellcheck: "false",
            autocomplete: "off",
            oninput: () => this.offer(),
            onfocus: () => this.offer(),
            onkeydown: (event: KeyboardEvent) => this.onKey(event),
        });
        this.root = h(
            "div",
            { class: "picker" },
            h("label", { class: "searchbox" }, icon("plus"), this.input),
            this.offers,
        );
        this.root.addEventListener("focusout", (event) => {
            if (!this.root.contains(event.relatedTarget as Node | null)) setHidden(this.offers, true);
        });
    }

    update(): void {
        const { revision } = this.context.store;
        if (revision !== this.revision && !this.offers.hidden) this.offer();
        this.revision = revision;
    }

    private offer(): void {
        const matches = matcher(this.input.value),
            found: Signal[] = [];
        for (const signal of this.context.store.signals.values()) {
            if (found.length < OFFERED_AT_MOST && matches(`${signal.message.title} ${signal.name}`)) found.push(signal);
        }
        this.offers.replaceChildren(...found.map((signal) => this.item(signal)));
        setHidden(this.offers, found.length === 0);
    }

    private item(signal: Signal): HTMLElement {
        const take = (): void => {
            this.choose(signal);
            this.input.value = "";
            setHidden(this.offers, true);
        };
        const words = [signal.name, h("span", { class: "soft" }, ` ${signal.message.title}`)];
        return h("li", { role: "option" }, h("button", { class: "bare", onclick: take }, ...words));
    }

    private onKey(event: KeyboardEvent): void {
        const first = this.offers.querySelector("button");
        if (event.key === "Escape") setHidden(this.offers, true);
        else if (event.key === "Enter" && !this.offers.hidden) first?.click();
        else if (event.key === "ArrowDown") first?.focus();
        else return;
        event.preventDefault();
    }
}
