/* A device: what it is, what it is told by whom, and a way to ask for something else. */

import type { DeviceEntity, Signal } from "../model/entities.ts";
import { formatDuration, formatTime, formatValue, humanize, NO_VALUE } from "../model/format.ts";
import { switchOf } from "../model/store.ts";
import { setTopic } from "../model/topic.ts";
import type { Value } from "../model/wire.ts";
import { h, setAttribute, setHidden, setText, type Part } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { StatusPill, trustWord } from "../ui/status.ts";
import { report } from "../ui/toast.ts";
import type { Context } from "../ui/view.ts";
import { explain, feedbackOf, kindOf, type DeviceKind } from "./device_kind.ts";
import { openWhy } from "./why.ts";

const PERIODS: readonly [number | null, string][] = [
    [null, "for the usual time"],
    [600, "for 10 min"],
    [3600, "for 1 hour"],
    [28800, "for 8 hours"],
    [86400, "for a day"],
];
const ASKED_MS = 4000; // for a wish to show in the state

export class DeviceCard implements Part<DeviceEntity> {
    readonly root: HTMLElement;
    private readonly value = h("span", { class: "big value" });
    private readonly unit = h("span", { class: "unit" });
    private readonly target = h("span", { class: "target" });
    private readonly pill = new StatusPill();
    private readonly source = h("span", { class: "chip" });
    private readonly reason = h("p", { class: "reason" });
    private readonly left = h("span", { class: "left" });
    private readonly release: HTMLButtonElement;
    private readonly control = h("div", { class: "control" });
    private readonly period: HTMLSelectElement;
    private kind: DeviceKind | null = null;
    private feedback: Signal | null = null;
    private show: (value: Value) => void = () => {};
    private askedUntilMs = 0;

    constructor(
        private readonly context: Context,
        private device: DeviceEntity,
        withSite: boolean,
    ) {
        const name = humanize(device.id);
        this.release = h("button", { class: "small", onclick: () => this.wish(null) }, "Give back");
        this.period = h("select", { "aria-label": `How long ${name} shall stay so` });
        for (const [seconds, words] of PERIODS) this.period.append(h("option", { value: seconds ?? "" }, words));
        this.root = h(
            "article",
            { class: "card device", "aria-label": name },
            h(
                "header",
                {},
                h("div", {}, h("h3", {}, name), withSite && h("span", { class: "soft" }, device.place.site)),
                this.pill.root,
            ),
            h("div", { class: "now" }, this.value, this.unit, this.target),
            this.control,
            h("div", { class: "because" }, this.source, this.left, this.release),
            this.reason,
            h(
                "footer",
                {},
                this.period,
                h(
                    "button",
                    { class: "why", onclick: () => openWhy(this.context, this.device) },
                    icon("question"),
                    "Why?",
                ),
            ),
        );
    }

    update(device: DeviceEntity, nowMs: number): void {
        this.device = device;
        const { state } = device,
            kind = kindOf(state);
        if (kind !== this.kind) this.build(kind);
        const shown = state.value ?? state.target;
        setText(this.value, typeof shown === "number" ? formatValue(shown) : formatValue(shown));
        setText(this.unit, this.feedback?.unit ?? "");
        this.showTarget(nowMs);
        this.pill.set(state.quality === "good" ? { tone: "good", text: "confirmed" } : trustWord(state.quality));
        if (state.quality === "good" && !same(state.value, state.target))
            this.pill.set({ tone: "warn", text: "moving" });
        setText(this.source, sourceWords(state.source));
        setAttribute(this.source, "data-source", state.source.split(":")[0] ?? "");
        setText(this.reason, state.reason);
        setHidden(this.reason, state.reason === "");
        const manual = state.source === "manual";
        setHidden(this.release, !manual);
        const ends = state.until === undefined ? "" : `${formatDuration(state.until - nowMs / 1000)} left`;
        setText(this.left, manual ? ends : state.since === undefined ? "" : `since ${formatTime(state.since, nowMs)}`);
        if (!this.control.contains(document.activeElement)) this.show(state.target ?? state.value);
    }

    private showTarget(nowMs: number): void {
        const { value, target } = this.device.state;
        if (nowMs < this.askedUntilMs) setText(this.target, "asked …");
        else setText(this.target, target === null || same(value, target) ? "" : `→ ${formatValue(target)}`);
    }

    // --- asking

    private wish(value: Value): void {
        const { place, id } = this.device,
            seconds = this.period.value;
        const wish = value !== null && seconds !== "" ? { value, for_s: Number(seconds) } : { value };
        this.askedUntilMs = Date.now() + ASKED_MS;
        void report(
            humanize(id),
            this.context.connection.publish(setTopic("devices", place, "", id), JSON.stringify(wish)),
        ).then(() => {
            this.askedUntilMs = Math.min(this.askedUntilMs, Date.now() + 800);
        });
    }

    private build(kind: DeviceKind): void {
        this.kind = kind;
        this.control.replaceChildren();
        if (kind === "switch") return this.buildSwitch();
        this.buildField(kind);
        explain(this.context, this.device)
            .then((explanation) => {
                this.feedback = feedbackOf(this.context, explanation);
                if (this.feedback && this.kind === kind) this.buildField(kind);
            })
            .catch(() => {}); // without a range, then
    }

    private buildSwitch(): void {
        const buttons = ["ON", "OFF"].map((word) => {
            return h("button", { onclick: () => this.wish(word) }, word === "ON" ? "On" : "Off");
        });
        this.control.append(h("div", { class: "segments wide", role: "group", "aria-label": "Switch" }, ...buttons));
        this.show = (value) => {
            const on = switchOf(value);
            for (const [i, button] of buttons.entries()) setAttribute(button, "aria-pressed", String(on === (i === 0)));
        };
    }

    private buildField(kind: "number" | "label"): void {
        const { feedback } = this;
        this.control.replaceChildren();
        if (kind === "number") this.buildNumber(feedback);
        else if (feedback?.labels) this.buildLabels([...feedback.labels.values()]);
        else this.buildText();
    }

    private buildNumber(feedback: Signal | null): void {
        const min = feedback?.min,
            max = feedback?.max,
            bounded = min !== undefined && max !== undefined && max > min;
        const limits = bounded ? { min, max } : {};
        const field = h("input", {
            type: "number",
            step: "any",
            inputmode: "decimal",
            "aria-label": "Value",
            ...limits,
        });
        const slider = h("input", {
            type: "range",
            step: bounded ? stepOf(max - min) : 1,
            "aria-label": "Value",
            ...limits,
        });
        const send = (text: string): void => {
            if (text !== "" && Number.isFinite(Number(text))) this.wish(Number(text));
        };
        slider.addEventListener("input", () => (field.value = slider.value));
        slider.addEventListener("change", () => send(slider.value));
        const form = h(
            "form",
            { class: "field", onsubmit: (event: Event) => (event.preventDefault(), send(field.value)) },
            bounded && slider,
            field,
            h("button", {}, "Set"),
        );
        this.control.append(form);
        this.show = (value) => {
            if (typeof value === "number") field.value = slider.value = String(value);
        };
    }

    private buildLabels(labels: string[]): void {
        const choice = h("select", { "aria-label": "Value", onchange: () => this.wish(choice.value) });
        for (const label of labels) choice.append(h("option", { value: label }, label));
        this.control.append(choice);
        this.show = (value) => {
            if (typeof value === "string") choice.value = value;
        };
    }

    private buildText(): void {
        const field = h("input", { type: "text", "aria-label": "Value", autocomplete: "off" });
        const send = (event: Event): void => {
            event.preventDefault();
            if (field.value !== "") this.wish(field.value);
        };
        this.control.append(h("form", { class: "field", onsubmit: send }, field, h("button", {}, "Set")));
        this.show = (value) => {
            if (value !== null) field.value = String(value);
        };
    }
}

function same(a: Value, b: Value): boolean {
    if (typeof a === "number" && typeof b === "number") return Math.abs(a - b) <= Math.max(1, Math.abs(b) * 0.01);
    return a === b || (a === null && b === null);
}

function stepOf(span: number): number {
    return span > 20 ? 1 : 10 ** Math.floor(Math.log10(span / 100));
}

/** `rule:air_when_hot` as words. */
export function sourceWords(source: string): string {
    if (source === "") return NO_VALUE;
    const [kind, name] = source.split(":");
    const words: Record<string, string> = { manual: "by hand", fail_safe: "fail-safe value", rest: "at rest" };
    return name === undefined
        ? (words[source] ?? humanize(source).toLowerCase())
        : `${kind} ${humanize(name).toLowerCase()}`;
}
