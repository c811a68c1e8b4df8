/* Every signal of every gateway, live: grouped by message, searchable, any number of them. */

import type { Message, Signal } from "../model/entities.ts";
import { trustOf } from "../model/entities.ts";
import { formatAge, formatValue } from "../model/format.ts";
import { matcher } from "../model/search.ts";
import { h, setAttribute, setClass, setHidden, setText } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { colour, isStarred, toggleStar } from "../ui/preferences.ts";
import { Sparkline } from "../ui/sparkline.ts";
import { StatusPill, trustWord } from "../ui/status.ts";
import { manySites, type Context, type View } from "../ui/view.ts";
import { VirtualList, type VirtualRow } from "../ui/virtual_list.ts";
import { chartPath } from "./chart_path.ts";

type Item = { group: Message; shown: number } | { signal: Signal };
type Choice = "all" | "starred" | "problems";

const NARROW = matchMedia("(max-width: 720px)");
const CHARTED_AT_MOST = 8;
const PROBLEMS_AGAIN_MS = 2000; // which signals have problems changes without any of them coming or going

export class SignalsView implements View {
    readonly title = "Signals";
    readonly root: HTMLElement;
    private readonly search: HTMLInputElement;
    private readonly count = h("span", { class: "soft count" });
    private readonly empty = h("div", { class: "empty" });
    private readonly selectionBar: HTMLElement;
    private readonly selectionText = h("span");
    private readonly list: VirtualList<Item>;
    private readonly choices: HTMLButtonElement[];
    private readonly selected = new Set<string>();
    private readonly collapsed = new Set<string>();
    private choice: Choice = "all";
    private stamp = "";

    constructor(private readonly context: Context) {
        this.search = h("input", {
            type: "search",
            class: "search",
            placeholder: "Search signals, messages, units",
            "aria-label": "Search signals",
            spellcheck: "false",
            autocomplete: "off",
            oninput: () => this.update(Date.now()),
        });
        this.choices = (["all", "starred", "problems"] as const).map((choice) => this.choiceButton(choice));
        this.list = new VirtualList<Item>(
            {
                label: "Signals",
                rowHeight: () => (NARROW.matches ? 58 : 40),
                make: () => new SignalRow(this),
                open: (item) => this.open(item),
                toggle: (item) => ("signal" in item ? this.select(item.signal) : this.collapse(item.group)),
                star: (item) => "signal" in item && this.star(item.signal),
            },
            context.scroller,
        );
        this.selectionBar = h(
            "div",
            { class: "selection", hidden: true },
            this.selectionText,
            h("button", { class: "primary", onclick: () => this.chart([...this.selected]) }, icon("chart"), "Chart"),
            h("button", { onclick: () => this.clearSelection() }, "Clear"),
        );
        this.root = h(
            "section",
            { class: "view signals" },
            h(
                "div",
                { class: "toolbar sticky" },
                h("label", { class: "searchbox" }, icon("search"), this.search, h("kbd", {}, "/")),
                h("div", { class: "segments", role: "group", "aria-label": "Which signals" }, ...this.choices),
                this.count,
            ),
            h(
                "div",
                { class: "signal-head", "aria-hidden": "true" },
                h("span"),
                h("span", {}, "Signal"),
                h("span", {}, "2 minutes"),
                h("span", { class: "right" }, "Value"),
                h("span", {}, "Quality"),
                h("span", { class: "right" }, "Age"),
                h("span"),
            ),
            this.list.root,
            this.empty,
            this.selectionBar,
        );
    }

    show(query: URLSearchParams): void {
        const wanted = query.get("q");
        if (wanted !== null) this.search.value = wanted;
    }

    focusSearch(): void {
        this.search.focus();
        this.search.select();
    }

    update(nowMs: number): void {
        this.refill(nowMs);
        this.list.update(nowMs);
        setHidden(this.selectionBar, this.selected.size === 0);
        setText(this.selectionText, `${this.selected.size} selected`);
    }

    // --- for rows

    isSelected(signal: Signal): boolean {
        return this.selected.has(signal.key);
    }
    isCollapsed(message: Message): boolean {
        return this.collapsed.has(message.key);
    }
    wantTrend(signal: Signal): void {
        this.context.trends.want(signal);
    }
    nameOf(message: Message): string {
        const { node } = message,
            where = manySites(this.context.store) ? `${node.place.site} · ` : "";
        return `${where}${node.node} · ${message.bus}`;
    }

    select(signal: Signal): void {
        if (!this.selected.delete(signal.key) && this.selected.size < CHARTED_AT_MOST) this.selected.add(signal.key);
        this.update(Date.now());
    }

    star(signal: Signal): void {
        toggleStar(signal.key);
        this.stamp = "";
        this.update(Date.now());
    }

    collapse(message: Message): void {
        if (!this.collapsed.delete(message.key)) this.collapsed.add(message.key);
        this.stamp = "";
        this.update(Date.now());
    }

    // --- what is listed

    private choiceButton(choice: Choice): HTMLButtonElement {
        const words = { all: "All", starred: "Starred", problems: "Not good" };
        return h(
            "button",
            { onclick: () => this.choose(choice), "aria-pressed": String(choice === this.choice) },
            words[choice],
        );
    }

    private choose(choice: Choice): void {
        this.choice = choice;
        for (const [i, name] of (["all", "starred", "problems"] as const).entries()) {
            setAttribute(this.choices[i]!, "aria-pressed", String(name === choice));
        }
        this.context.scroller.scrollTop = 0;
        this.update(Date.now());
    }

    private refill(nowMs: number): void {
        const again = this.choice === "problems" ? Math.floor(nowMs / PROBLEMS_AGAIN_MS) : 0;
        const stamp = [this.context.store.revision, this.context.site(), this.search.value, this.choice, again].join(
            "\n",
        );
        if (stamp === this.stamp) return;
        this.stamp = stamp;
        const items: Item[] = [];
        let shown = 0,
            known = 0;
        for (const message of this.messages()) {
            known += message.signals.length;
            const signals = this.wanted(message, nowMs);
            if (signals.length === 0) continue;
            shown += signals.length;
            items.push({ group: message, shown: signals.length });
            if (!this.collapsed.has(message.key) || this.search.value !== "") {
                items.push(...signals.map((signal) => ({ signal })));
            }
        }
        this.list.setItems(items);
        setText(
            this.count,
            shown === known ? (known === 1 ? "1 signal" : `${known} signals`) : `${shown} of ${known} signals`,
        );
        this.tellEmpty(known, shown);
    }

    private messages(): Message[] {
        const site = this.context.site();
        const all = [...this.context.store.messages.values()];
        return (site === null ? all : all.filter(({ node }) => node.place.site === site)).sort((a, b) =>
            a.key.localeCompare(b.key),
        );
    }

    private wanted(message: Message, nowMs: number): Signal[] {
        const matches = matcher(this.search.value),
            where = `${message.node.key} ${message.bus} ${message.title}`;
        return message.signals.filter((signal) => {
            if (this.choice === "starred" && !isStarred(signal.key)) return false;
            if (this.choice === "problems" && ["good", "waiting"].includes(trustOf(signal, nowMs))) return false;
            return matches(`${where} ${signal.name} ${signal.unit}`);
        });
    }

    private tellEmpty(known: number, shown: number): void {
        setHidden(this.empty, shown > 0);
        if (known === 0) {
            setText(this.empty, "No gateway has published a signal yet. As soon as one does, its signals are here.");
        } else if (this.choice === "problems" && this.search.value === "") {
            setText(this.empty, "Every signal is good.");
        } else if (this.choice === "starred" && this.search.value === "") {
            setText(
                this.empty,
                "No signal is starred. The star at the end of a row keeps it here and on the overview.",
            );
        } else {
            setText(this.empty, `Nothing matches “${this.search.value}”.`);
        }
    }

    private open(item: Item): void {
        if ("signal" in item) this.chart([item.signal.key]);
        else this.collapse(item.group);
    }

    private chart(keys: string[]): void {
        this.context.navigate(chartPath(keys));
    }

    private clearSelection(): void {
        this.selected.clear();
        this.update(Date.now());
    }
}

/** One recycled row: a message's head, or a signal. */
class SignalRow implements VirtualRow<Item> {
    readonly root: HTMLElement;
    private readonly group: HTMLElement;
    private readonly groupName = h("strong");
    private readonly groupPlace = h("span", { class: "soft" });
    private readonly groupCount = h("span", { class: "soft" });
    private readonly signal: HTMLElement;
    private readonly box: HTMLInputElement;
    private readonly name = h("span", { class: "name" });
    private readonly spark = NARROW.matches ? new Sparkline(64, 22) : new Sparkline();
    private readonly value = h("span", { class: "value" });
    private readonly unit = h("span", { class: "unit" });
    private readonly pill = new StatusPill();
    private readonly age = h("span", { class: "age" });
    private readonly star: HTMLButtonElement;
    private item: Item | null = null;

    constructor(private readonly view: SignalsView) {
        this.group = h("div", { class: "group" }, icon("chevron"), this.groupName, this.groupPlace, this.groupCount);
        this.box = h("input", {
            type: "checkbox",
            tabindex: "-1",
            onchange: () => this.item && "signal" in this.item && view.select(this.item.signal),
        });
        this.star = h(
            "button",
            {
                class: "bare star",
                tabindex: "-1",
                onclick: () => this.item && "signal" in this.item && view.star(this.item.signal),
            },
            icon("star"),
        );
        this.signal = h(
            "div",
            { class: "signal" },
            this.box,
            this.name,
            h("span", { class: "sparkcell" }, this.spark.canvas),
            h("span", { class: "reading" }, this.value, this.unit),
            this.pill.root,
            this.age,
            this.star,
        );
        this.root = h("div", { class: "row" }, this.group, this.signal);
    }

    update(item: Item, nowMs: number): void {
        const fresh = item !== this.item;
        this.item = item;
        setHidden(this.group, !("group" in item));
        setHidden(this.signal, !("signal" in item));
        if ("group" in item) this.showGroup(item.group, item.shown);
        else this.showSignal(item.signal, nowMs, fresh);
    }

    private showGroup(message: Message, shown: number): void {
        setClass(this.group, this.view.isCollapsed(message) ? "group" : "group open");
        setText(this.groupName, message.title);
        setText(this.groupPlace, this.view.nameOf(message));
        setText(this.groupCount, shown === 1 ? "1 signal" : `${shown} signals`);
        setAttribute(this.root, "aria-label", `${message.title}, ${shown} signals`);
        setAttribute(this.root, "aria-selected", null);
    }

    private showSignal(signal: Signal, nowMs: number, fresh: boolean): void {
        const trust = trustOf(signal, nowMs),
            selected = this.view.isSelected(signal),
            starred = isStarred(signal.key);
        if (fresh) {
            setText(this.name, signal.name);
            setAttribute(this.box, "aria-label", `Select ${signal.name}`);
        }
        setText(this.unit, signal.unit);
        setText(this.value, formatValue(signal.value, signal.decimals));
        setText(this.age, signal.ts === 0 ? "" : formatAge((nowMs - signal.atMs) / 1000));
        this.pill.set(trustWord(trust));
        setClass(this.signal, `signal ${trust === "good" ? "" : "doubtful"} ${selected ? "selected" : ""}`);
        if (fresh) this.view.wantTrend(signal);
        this.spark.draw(signal.key, signal.trend, nowMs, colour(trust === "good" ? "accent" : "soft"));
        if (this.box.checked !== selected) this.box.checked = selected;
        setAttribute(this.star, "aria-pressed", String(starred));
        setAttribute(this.star, "aria-label", starred ? `Unstar ${signal.name}` : `Star ${signal.name}`);
        setAttribute(this.root, "aria-selected", String(selected));
        setAttribute(this.root, "aria-label", null);
    }
}
