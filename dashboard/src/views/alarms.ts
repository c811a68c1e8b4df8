/* Alarms after ISA-18.2: what is wrong now, what waits to be acknowledged, and what happened. */

import type { AlarmEntity } from "../model/entities.ts";
import { formatAge, formatDuration, formatTime, formatValue, humanize } from "../model/format.ts";
import type { Told } from "../model/store.ts";
import { setTopic, type Place } from "../model/topic.ts";
import { asArray, asObject, readAlarmEvent, type AlarmEvent } from "../model/wire.ts";
import { h, KeyedList, setAttribute, setHidden, setText, type Part } from "../ui/dom.ts";
import { alarmWord, isPressing, needsAcknowledgement, PRIORITIES, StatusPill } from "../ui/status.ts";
import { report } from "../ui/toast.ts";
import { manySites, ofSite, type Context, type View } from "../ui/view.ts";

const SHELVE_TIMES: readonly [number, string][] = [
    [900, "15 min"],
    [3600, "1 hour"],
    [28800, "8 hours"],
    [86400, "1 day"],
    [604800, "1 week"],
];
const EVENTS_SHOWN = 50;
const PAST_S = 86400;
const PAST_AT_MOST = 10000; // they come from the oldest on

/** The most urgent first: pressing before quiet, unacknowledged before acknowledged, then by priority. */
export function urgency({ state }: AlarmEntity): number {
    const pressing = isPressing(state) ? 0 : state.state === "normal" ? 200 : 100;
    return pressing + (needsAcknowledgement(state) ? 0 : 50) + state.priority;
}

export function byUrgency(a: AlarmEntity, b: AlarmEntity): number {
    return urgency(a) - urgency(b) || (b.state.since ?? 0) - (a.state.since ?? 0);
}

export class AlarmsView implements View {
    readonly title = "Alarms";
    readonly root: HTMLElement;
    private all = false;
    private readonly past = new Map<string, Told<AlarmEvent>[]>(); // by node
    private readonly rows: KeyedList<AlarmEntity>;
    private readonly journal: KeyedList<Told<AlarmEvent>>;
    private readonly empty = h("div", { class: "empty calm" });
    private readonly journalEmpty = h("p", { class: "soft" }, "Nothing has happened.");
    private readonly summary = h("span", { class: "soft count" });
    private readonly choices: HTMLButtonElement[];
    private readonly ackAll: HTMLButtonElement;

    constructor(private readonly context: Context) {
        const list = h("ul", { class: "alarm-list" }),
            journal = h("ul", { class: "journal" });
        this.rows = new KeyedList(
            list,
            ({ key }) => key,
            (alarm) => new AlarmRow(context, alarm),
        );
        this.journal = new KeyedList(journal, eventKey, journalItem);
        this.choices = [false, true].map((all) =>
            h("button", { "aria-pressed": String(!all), onclick: () => this.choose(all) }, all ? "All" : "Active"),
        );
        this.ackAll = h("button", { onclick: () => this.acknowledgeAll() }, "Acknowledge all");
        this.root = h(
            "section",
            { class: "view alarms" },
            h(
                "div",
                { class: "toolbar" },
                h("div", { class: "segments", role: "group", "aria-label": "Which alarms" }, ...this.choices),
                this.summary,
                this.ackAll,
            ),
            list,
            this.empty,
            h("h2", {}, "Journal"),
            this.journalEmpty,
            journal,
        );
    }

    show(): void {
        const nodes = new Map(
            ofSite(this.context, this.context.store.alarms.values()).map((alarm) => [
                `${alarm.place.site}/${alarm.node}`,
                alarm,
            ]),
        );
        for (const { place, node } of nodes.values()) void this.askPast(place, node);
    }

    update(nowMs: number): void {
        const known = ofSite(this.context, this.context.store.alarms.values()).sort(byUrgency);
        const pressing = known.filter(({ state }) => isPressing(state)),
            shown = this.all ? known : pressing;
        const waiting = known.filter(({ state }) => needsAcknowledgement(state)).length;
        this.rows.sync(shown, nowMs);
        const shelved = known.filter(({ state }) => state.state === "shelved").length;
        setText(
            this.summary,
            `${pressing.length} active of ${known.length}${shelved > 0 ? `, ${shelved} shelved` : ""}`,
        );
        setHidden(this.ackAll, waiting < 2);
        setHidden(this.empty, shown.length > 0);
        setText(this.empty, known.length === 0 ? "No alarm is configured yet." : "All quiet. No alarm is active.");
        const site = this.context.site();
        const events = this.events().filter(({ place }) => site === null || place.site === site);
        this.journal.sync(events.slice(0, EVENTS_SHOWN), nowMs);
        setHidden(this.journalEmpty, events.length > 0);
    }

    /** The newest first; what came live may be in the answer, too. */
    private events(): Told<AlarmEvent>[] {
        const seen = new Set<string>(),
            all = [...this.context.store.alarmEvents, ...[...this.past.values()].flat()];
        const once = all.filter((told) => !seen.has(eventKey(told)) && seen.add(eventKey(told)));
        return once.sort((a, b) => b.event.ts - a.event.ts);
    }

    /** What a gateway remembers. Other nodes have no such question, and say so. */
    private async askPast(place: Place, node: string): Promise<void> {
        const question = { last_s: PAST_S, limit: PAST_AT_MOST };
        const chunks = await this.context.asker.ask(place, node, "alarm_history", question).catch(() => []);
        const events = chunks.flatMap((chunk) =>
            asArray(chunk["events"]).map((event) => readAlarmEvent(asObject(event))),
        );
        this.past.set(
            `${place.prefix}/${place.site}/${node}`,
            events.slice(-EVENTS_SHOWN).map((event) => ({ place, node, event })),
        );
    }

    private choose(all: boolean): void {
        this.all = all;
        for (const [i, button] of this.choices.entries())
            setAttribute(button, "aria-pressed", String((i === 1) === all));
        this.update(Date.now());
    }

    private acknowledgeAll(): void {
        for (const alarm of ofSite(this.context, this.context.store.alarms.values())) {
            if (needsAcknowledgement(alarm.state)) act(this.context, alarm, { action: "ack" });
        }
    }
}

function act(context: Context, alarm: AlarmEntity, what: { action: string } | { shelve_s: number }): void {
    const by = context.connection.lastCredentials?.username,
        payload = JSON.stringify(by === undefined ? what : { ...what, by });
    void report(
        humanize(alarm.id),
        context.connection.publish(setTopic("alarms", alarm.place, alarm.node, alarm.id), payload),
    );
}

class AlarmRow implements Part<AlarmEntity> {
    readonly root: HTMLElement;
    private readonly pill = new StatusPill();
    private readonly priority = h("span", { class: "priority" });
    private readonly text = h("p", { class: "text" });
    private readonly value = h("span", { class: "value" });
    private readonly since = h("span", { class: "soft" });
    private readonly advice = h("p", { class: "soft" });
    private readonly actions: Record<"ack" | "reset" | "unshelve", HTMLButtonElement>;
    private readonly shelve: HTMLSelectElement;

    constructor(
        private readonly context: Context,
        private alarm: AlarmEntity,
    ) {
        const button = (action: "ack" | "reset" | "unshelve", words: string, name = ""): HTMLButtonElement =>
            h("button", { class: name, onclick: () => act(this.context, this.alarm, { action }) }, words);
        this.actions = {
            ack: button("ack", "Acknowledge", "primary"),
            reset: button("reset", "Reset"),
            unshelve: button("unshelve", "Unshelve"),
        };
        this.shelve = h(
            "select",
            { "aria-label": `Shelve ${humanize(alarm.id)}`, onchange: () => this.onShelve() },
            h("option", { value: "" }, "Shelve …"),
        );
        for (const [seconds, words] of SHELVE_TIMES)
            this.shelve.append(h("option", { value: seconds }, `for ${words}`));
        const where = manySites(context.store) ? `${alarm.place.site} · ${alarm.node}` : alarm.node;
        this.root = h(
            "li",
            { class: "card alarm" },
            h(
                "div",
                { class: "what" },
                h(
                    "div",
                    { class: "head" },
                    this.pill.root,
                    this.priority,
                    h("h3", {}, humanize(alarm.id)),
                    h("span", { class: "soft" }, where),
                ),
                this.text,
                this.advice,
                h("div", { class: "details" }, this.value, this.since),
            ),
            h("div", { class: "actions" }, this.actions.ack, this.actions.reset, this.actions.unshelve, this.shelve),
        );
    }

    update(alarm: AlarmEntity, nowMs: number): void {
        this.alarm = alarm;
        const { state } = alarm,
            shelved = state.state === "shelved";
        this.pill.set(alarmWord(state));
        setText(this.priority, PRIORITIES[state.priority] ?? "");
        setAttribute(this.priority, "data-priority", String(state.priority));
        setAttribute(this.root, "data-pressing", isPressing(state) ? String(state.priority) : null);
        setText(this.text, state.text);
        setHidden(this.text, state.text === "");
        const advice = [state.consequence, state.response].filter(Boolean).join(" — ");
        setText(this.advice, advice);
        setHidden(this.advice, advice === "");
        setText(this.value, valueWords(alarm));
        const since =
            state.since === undefined
                ? ""
                : `since ${formatTime(state.since, nowMs)} (${formatAge(nowMs / 1000 - state.since)})`;
        const left = shelved && state.until !== undefined ? `, ${formatDuration(state.until - nowMs / 1000)} left` : "";
        setText(this.since, since + left + (state.by === "" ? "" : `, by ${state.by}`));
        setHidden(this.actions.ack, !needsAcknowledgement(state));
        setHidden(this.actions.reset, !state.state.startsWith("latched"));
        setHidden(this.actions.unshelve, !shelved);
        setHidden(this.shelve, shelved);
    }

    private onShelve(): void {
        const seconds = Number(this.shelve.value);
        this.shelve.value = "";
        if (seconds > 0) act(this.context, this.alarm, { shelve_s: seconds });
    }
}

function valueWords({ state }: AlarmEntity): string {
    if (state.value === null) return "";
    const limit = state.limit === undefined ? "" : ` (limit ${formatValue(state.limit)})`;
    return `${formatValue(state.value)} ${state.unit}${limit}`.trim();
}

function eventKey({ place, node, event }: Told<AlarmEvent>): string {
    return `${place.site} ${node} ${event.alarm} ${event.ts} ${event.event}`;
}

function journalItem({ event, node }: Told<AlarmEvent>): Part<Told<AlarmEvent>> {
    const time = h("time", { class: "soft" });
    const by = event.by === "" ? "" : `by ${event.by}`;
    const root = h(
        "li",
        {},
        time,
        h("span", { class: "chip", "data-event": event.event }, event.event),
        h("strong", {}, humanize(event.alarm)),
        h("span", { class: "soft" }, [node, event.text, by].filter(Boolean).join(" · ")),
    );
    return { root, update: (_, nowMs) => setText(time, formatTime(event.ts, nowMs)) };
}
