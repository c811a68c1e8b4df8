/* Who decides: controllers with their set points, schedules with their next event, rules and what they did. */

import type { ControllerEntity, Entity, RuleEntity, ScheduleEntity } from "../model/entities.ts";
import { formatAge, formatDuration, formatTime, formatValue, humanize } from "../model/format.ts";
import { setTopic } from "../model/topic.ts";
import { asArray, asObject, asText } from "../model/wire.ts";
import { h, KeyedList, setAttribute, setHidden, setText, type Part } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { StatusPill, trustWord } from "../ui/status.ts";
import { report, toast } from "../ui/toast.ts";
import { manySites, ofSite, type Context, type View } from "../ui/view.ts";

const SETTLE_MS = 1500;
const STEP = 0.5; // of a set point

type Kind = "rules" | "schedules" | "controllers";

function send(context: Context, kind: Kind, part: Entity, payload: string): void {
    void report(humanize(part.id), context.connection.publish(setTopic(kind, part.place, part.node, part.id), payload));
}

function whereOf(context: Context, part: Entity): string {
    return manySites(context.store) ? `${part.place.site} · ${part.node}` : part.node;
}

/** A switch that shows and sends `enable` and `disable`. */
class Enabler {
    readonly root: HTMLElement;
    private readonly box: HTMLInputElement;
    private changedMs = 0;

    constructor(name: string, change: (payload: string) => void) {
        const onchange = (): void => {
            this.changedMs = Date.now();
            change(this.box.checked ? "enable" : "disable");
        };
        this.box = h("input", { type: "checkbox", role: "switch", "aria-label": `${name} enabled`, onchange });
        this.root = h("label", { class: "switch" }, this.box, h("span"));
    }

    /** What was asked stands until the state had time to follow. */
    show(enabled: boolean, nowMs: number): void {
        if (nowMs - this.changedMs > SETTLE_MS && this.box.checked !== enabled) this.box.checked = enabled;
    }
}

export class AutomationView implements View {
    readonly title = "Automation";
    readonly root: HTMLElement;
    private readonly controllers: KeyedList<ControllerEntity>;
    private readonly schedules: KeyedList<ScheduleEntity>;
    private readonly rules: KeyedList<RuleEntity>;
    private readonly sections: HTMLElement[];
    private readonly empty = h("div", { class: "empty" }, "No automation node is here yet.");

    constructor(private readonly context: Context) {
        const controllers = h("div", { class: "cards" }),
            schedules = h("ul", { class: "rows" }),
            rules = h("ul", { class: "rows" });
        this.controllers = new KeyedList(
            controllers,
            ({ key }) => key,
            (part) => new ControllerCard(context, part),
        );
        this.schedules = new KeyedList(
            schedules,
            ({ key }) => key,
            (part) => new ScheduleRow(context, part),
        );
        this.rules = new KeyedList(
            rules,
            ({ key }) => key,
            (part) => new RuleRow(context, part),
        );
        this.sections = [
            ["Controllers", controllers],
            ["Schedules", schedules],
            ["Rules", rules],
        ].map(([title, body]) => h("section", {}, h("h2", {}, title as string), body as HTMLElement));
        this.root = h("section", { class: "view automation" }, ...this.sections, this.empty);
    }

    update(nowMs: number): void {
        const { store } = this.context;
        const controllers = ofSite(this.context, store.controllers.values());
        const schedules = ofSite(this.context, store.schedules.values());
        const rules = ofSite(this.context, store.rules.values());
        this.controllers.sync(controllers, nowMs);
        this.schedules.sync(schedules, nowMs);
        this.rules.sync(rules, nowMs);
        for (const [i, parts] of [controllers, schedules, rules].entries())
            setHidden(this.sections[i]!, parts.length === 0);
        setHidden(this.empty, controllers.length + schedules.length + rules.length > 0);
    }
}

class ControllerCard implements Part<ControllerEntity> {
    readonly root: HTMLElement;
    private readonly value = h("span", { class: "big value" });
    private readonly pill = new StatusPill();
    private readonly setpoint: HTMLInputElement;
    private readonly modes: HTMLButtonElement[];
    private readonly output = h("span", { class: "value" });
    private readonly reason = h("p", { class: "reason" });
    private readonly terms = h("p", { class: "soft terms" });
    private shown = ""; // set point in the field, while nobody has typed another

    constructor(
        private readonly context: Context,
        private part: ControllerEntity,
    ) {
        const name = humanize(part.id);
        this.setpoint = h("input", {
            type: "number",
            step: "any",
            inputmode: "decimal",
            "aria-label": `Set point of ${name}`,
        });
        this.modes = ["auto", "off"].map((mode) =>
            h(
                "button",
                { onclick: () => send(context, "controllers", this.part, JSON.stringify({ mode })) },
                humanize(mode),
            ),
        );
        this.root = h(
            "article",
            { class: "card controller", "aria-label": name },
            h(
                "header",
                {},
                h("div", {}, h("h3", {}, name), h("span", { class: "soft" }, whereOf(context, part))),
                this.pill.root,
            ),
            h("div", { class: "now" }, this.value, h("span", { class: "soft" }, "now")),
            h(
                "form",
                { class: "field", onsubmit: (event: Event) => this.submit(event) },
                h("span", {}, "Set point"),
                h(
                    "button",
                    { type: "button", class: "tool", "aria-label": "Lower", onclick: () => this.step(-STEP) },
                    icon("minus"),
                ),
                this.setpoint,
                h(
                    "button",
                    { type: "button", class: "tool", "aria-label": "Higher", onclick: () => this.step(STEP) },
                    icon("plus"),
                ),
                h("button", { class: "primary" }, "Set"),
            ),
            h(
                "div",
                { class: "field" },
                h("span", {}, "Mode"),
                h("div", { class: "segments", role: "group", "aria-label": "Mode" }, ...this.modes),
            ),
            h("div", { class: "field" }, h("span", {}, "Output"), this.output),
            this.reason,
            this.terms,
        );
    }

    update(part: ControllerEntity, _nowMs: number): void {
        this.part = part;
        const { state } = part;
        setText(this.value, formatValue(state.value ?? null));
        this.pill.set(trustWord(state.quality));
        const setpoint = state.setpoint === undefined ? "" : String(state.setpoint);
        if (setpoint !== this.shown && document.activeElement !== this.setpoint)
            this.setpoint.value = this.shown = setpoint;
        for (const [i, mode] of ["auto", "off"].entries())
            setAttribute(this.modes[i]!, "aria-pressed", String(state.mode === mode));
        setText(this.output, formatValue(state.output));
        setText(this.reason, state.reason);
        setText(this.terms, state.terms.map(([name, value]) => `${name} ${formatValue(value)}`).join("   "));
        setHidden(this.terms, state.terms.length === 0);
    }

    private submit(event: Event): void {
        event.preventDefault();
        const setpoint = Number(this.setpoint.value);
        if (this.setpoint.value !== "" && Number.isFinite(setpoint))
            send(this.context, "controllers", this.part, JSON.stringify({ setpoint }));
    }

    private step(by: number): void {
        const from = Number(this.setpoint.value);
        if (Number.isFinite(from)) this.setpoint.value = String(Math.round((from + by) * 1000) / 1000);
    }
}

class ScheduleRow implements Part<ScheduleEntity> {
    readonly root: HTMLElement;
    private readonly now = h("span", { class: "value" });
    private readonly reason = h("span", { class: "soft" });
    private readonly next = h("div", { class: "next" });
    private readonly enabler: Enabler;

    constructor(context: Context, part: ScheduleEntity) {
        this.enabler = new Enabler(humanize(part.id), (payload) => send(context, "schedules", part, payload));
        this.root = h(
            "li",
            { class: "card line" },
            h("div", { class: "what" }, h("h3", {}, humanize(part.id)), h("div", {}, this.now, " ", this.reason)),
            this.next,
            this.enabler.root,
        );
    }

    update({ state }: ScheduleEntity, nowMs: number): void {
        setText(this.now, state.value === null ? "says nothing now" : `says ${formatValue(state.value)}`);
        setText(this.reason, state.reason);
        this.enabler.show(state.enabled, nowMs);
        if (!state.enabled) setText(this.next, "disabled");
        else if (!state.next) setText(this.next, "nothing within a week");
        else {
            const what = state.next.value === null ? "nothing" : formatValue(state.next.value);
            setText(
                this.next,
                `${what} at ${formatTime(state.next.ts, nowMs)}, in ${formatDuration(state.next.ts - nowMs / 1000)}`,
            );
        }
    }
}

class RuleRow implements Part<RuleEntity> {
    readonly root: HTMLElement;
    private readonly pill = new StatusPill();
    private readonly reason = h("p", { class: "reason" });
    private readonly runs = h("div", { class: "next" });
    private readonly enabler: Enabler;
    private readonly trace = h("div", { class: "trace", hidden: true });

    constructor(
        private readonly context: Context,
        private readonly part: RuleEntity,
    ) {
        const name = humanize(part.id);
        this.enabler = new Enabler(name, (payload) => send(context, "rules", part, payload));
        this.root = h(
            "li",
            { class: "card line rule" },
            h(
                "div",
                { class: "what" },
                h("div", { class: "head" }, h("h3", {}, name), this.pill.root),
                this.reason,
                this.trace,
            ),
            this.runs,
            h(
                "div",
                { class: "actions" },
                h("button", { class: "small", onclick: () => void this.why() }, icon("question"), "Why?"),
                h("button", { class: "small", onclick: () => this.run() }, icon("play"), "Run"),
                this.enabler.root,
            ),
        );
    }

    update({ state }: RuleEntity, nowMs: number): void {
        this.enabler.show(state.enabled, nowMs);
        if (!state.enabled) this.pill.set({ tone: "quiet", text: "disabled" });
        else if (state.waiting > 0) this.pill.set({ tone: "good", text: "waiting" });
        else if (state.active > 0) this.pill.set({ tone: "good", text: "active" });
        else this.pill.set({ tone: "off", text: "idle" });
        setText(this.reason, state.reason);
        setHidden(this.reason, state.reason === "");
        const last = state.lastRun === undefined ? "never ran" : `last ${formatAge(nowMs / 1000 - state.lastRun)} ago`;
        const runs = `${state.runs} ${state.runs === 1 ? "run" : "runs"}`;
        const lost = [
            state.prevented > 0 ? `${state.prevented} prevented` : "",
            state.dropped > 0 ? `${state.dropped} dropped` : "",
        ];
        setText(this.runs, [runs, last.replace("now ago", "just now"), ...lost].filter(Boolean).join(", "));
    }

    private run(): void {
        send(this.context, "rules", this.part, "run");
    }

    private async why(): Promise<void> {
        if (!this.trace.hidden) return setHidden(this.trace, true);
        try {
            const { place, node, id } = this.part;
            const [answer] = await this.context.asker.ask(place, node, "rules", { rule: id });
            const rule = asObject(asArray(answer?.["rules"])[0]),
                steps = asArray(asObject(rule["trace"])["steps"]).map(asObject);
            this.trace.replaceChildren(
                h("p", {}, asText(rule["why"])),
                h(
                    "ol",
                    {},
                    ...steps.map((step) =>
                        h(
                            "li",
                            {},
                            asText(step["step"]),
                            h("span", { class: "soft" }, ` ${asText(step["outcome"]).replaceAll("_", " ")}`),
                        ),
                    ),
                ),
            );
            setHidden(this.trace, false);
        } catch (error) {
            toast(`${humanize(this.part.id)}: ${(error as Error).message}`, "bad");
        }
    }
}
