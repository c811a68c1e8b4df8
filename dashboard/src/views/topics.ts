/*
 * Everything on the broker, as it is. It has a connection of its own while it is looked at, so that
 * neither its flood nor its end touches the rest of the page.
 */

import { formatAge, formatBytes } from "../model/format.ts";
import { matcher } from "../model/search.ts";
import { prettyPayload, TopicLog, type Seen } from "../model/topic_log.ts";
import { Connection } from "../mqtt/connection.ts";
import { h, setAttribute, setHidden, setText } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { report, toast } from "../ui/toast.ts";
import type { Context, View } from "../ui/view.ts";
import { VirtualList, type VirtualRow } from "../ui/virtual_list.ts";

const LIMITS = { topics: 10000, payloadBytes: 65536, allBytes: 20e6 };
const PREVIEW = 160;
const ROW_HEIGHT = 46;

export class TopicsView implements View {
    readonly title = "Topics";
    readonly root: HTMLElement;
    private readonly log = new TopicLog(LIMITS);
    private readonly list: VirtualList<Seen>;
    private readonly listPane: HTMLElement;
    private readonly search: HTMLInputElement;
    private readonly filter: HTMLInputElement;
    private readonly count = h("span", { class: "soft count" });
    private readonly empty = h("div", { class: "empty" }, "Listening …");
    private readonly detail: Detail;
    private readonly pauseButton: HTMLButtonElement;
    private connection: Connection | null = null;
    private paused = false;
    private chosen: Seen | null = null;
    private stamp = "";

    constructor(private readonly context: Context) {
        this.search = h("input", {
            type: "search",
            placeholder: "Search topics and payloads",
            "aria-label": "Search topics",
            spellcheck: "false",
        });
        this.filter = h("input", {
            type: "text",
            value: "#",
            "aria-label": "Topic filter to listen to",
            spellcheck: "false",
            autocapitalize: "off",
        });
        this.pauseButton = h("button", { class: "tool", onclick: () => this.pause() }, icon("pause"));
        this.listPane = h("div", { class: "topic-list" });
        this.list = new VirtualList<Seen>(
            {
                label: "Topics",
                rowHeight: () => ROW_HEIGHT,
                make: () => new TopicRow(() => this.chosen),
                open: (seen) => this.choose(seen),
            },
            this.listPane,
        );
        this.listPane.append(this.list.root, this.empty);
        this.detail = new Detail(context, () => this.choose(null));
        this.root = h(
            "section",
            { class: "view topics" },
            h(
                "div",
                { class: "toolbar" },
                h("label", { class: "searchbox" }, icon("search"), this.search),
                h(
                    "form",
                    { class: "field", onsubmit: (event: Event) => (event.preventDefault(), this.listen()) },
                    h("span", { class: "soft" }, "Filter"),
                    this.filter,
                    h("button", {}, "Listen"),
                ),
                this.pauseButton,
                this.count,
            ),
            h("div", { class: "panes" }, this.listPane, this.detail.root),
        );
    }

    show(): void {
        this.listen();
    }

    hide(): void {
        this.connection?.stop();
        this.connection = null;
    }

    update(nowMs: number): void {
        const query = this.search.value,
            stamp = `${this.log.revision} ${query}`;
        if (stamp !== this.stamp) {
            this.stamp = stamp;
            const matches = matcher(query);
            const found = [...this.log.topics.values()].filter(({ topic, payload }) =>
                matches(query === "" ? "" : `${topic} ${payload}`),
            );
            this.list.setItems(found.sort((a, b) => a.topic.localeCompare(b.topic)));
            setHidden(this.empty, found.length > 0);
            setText(this.empty, this.log.topics.size === 0 ? "Listening …" : "No topic matches.");
        }
        this.list.update(nowMs);
        const refused = this.log.refused > 0 ? `, ${this.log.refused} messages of others had no room` : "";
        setText(this.count, `${this.log.topics.size} topics${refused}`);
        setAttribute(this.pauseButton, "aria-label", this.paused ? "Go on" : "Pause");
        setAttribute(this.pauseButton, "aria-pressed", String(this.paused));
        this.detail.update(this.chosen, nowMs);
    }

    private listen(): void {
        this.hide();
        this.log.clear();
        this.chosen = null;
        const topic = this.filter.value.trim() || "#";
        const connection: Connection = new Connection(
            {
                live: () =>
                    void connection.subscribe([{ topic, qos: 0 }]).then((refused) => {
                        if (refused.length > 0) toast(`The broker does not let you listen to ${topic}`, "bad");
                    }),
                changed: () => {},
                message: (name, payload, packet) => this.paused || this.log.add(name, payload, packet, Date.now()),
            },
            "page-topics",
        );
        this.connection = connection;
        connection.start(this.context.connection.lastCredentials);
    }

    private pause(): void {
        this.paused = !this.paused;
        this.pauseButton.replaceChildren(icon(this.paused ? "play" : "pause"));
    }

    private choose(seen: Seen | null): void {
        this.chosen = seen;
        this.update(Date.now());
    }
}

class TopicRow implements VirtualRow<Seen> {
    private readonly topic = h("span", { class: "topic" });
    private readonly payload = h("span", { class: "payload soft" });
    private readonly retained = h("span", { class: "chip", title: "retained" }, "R");
    private readonly age = h("span", { class: "age" });
    readonly root = h("div", { class: "row topic-row" }, this.topic, this.retained, this.age, this.payload);

    constructor(private readonly chosen: () => Seen | null) {}

    update(seen: Seen, nowMs: number): void {
        setText(this.topic, seen.topic);
        setText(this.payload, seen.payload === "" ? "(empty)" : seen.payload.slice(0, PREVIEW));
        setHidden(this.retained, !seen.retained);
        setText(this.age, formatAge((nowMs - seen.atMs) / 1000));
        setAttribute(this.root, "aria-selected", String(this.chosen() === seen));
    }
}

/** The chosen topic in full, and a form to publish. */
class Detail {
    readonly root: HTMLElement;
    private readonly name = h("code", { class: "topic" });
    private readonly facts = h("p", { class: "soft" });
    private readonly payload = h("pre", { tabindex: "0", "aria-label": "Payload" });
    private readonly properties = h("p", { class: "soft" });
    private readonly topicField: HTMLInputElement;
    private readonly payloadField: HTMLTextAreaElement;
    private readonly retain: HTMLInputElement;
    private readonly body: HTMLElement;
    private shown: Seen | null = null;
    private drawn = "";

    constructor(
        private readonly context: Context,
        close: () => void,
    ) {
        this.topicField = h("input", {
            type: "text",
            required: true,
            "aria-label": "Topic",
            placeholder: "Topic",
            spellcheck: "false",
            autocapitalize: "off",
        });
        this.payloadField = h("textarea", {
            rows: 3,
            "aria-label": "Payload",
            placeholder: "Payload",
            spellcheck: "false",
        });
        this.retain = h("input", { type: "checkbox" });
        this.body = h(
            "div",
            { hidden: true },
            h(
                "header",
                {},
                this.name,
                h("button", { class: "bare", "aria-label": "Close", onclick: close }, icon("close")),
            ),
            this.facts,
            this.payload,
            this.properties,
        );
        this.root = h(
            "aside",
            { class: "detail card" },
            this.body,
            h(
                "details",
                { class: "publish" },
                h("summary", {}, "Publish"),
                h(
                    "form",
                    { onsubmit: (event: Event) => this.publish(event) },
                    this.topicField,
                    this.payloadField,
                    h(
                        "div",
                        { class: "field" },
                        h("label", {}, this.retain, " retained"),
                        h("button", { class: "primary" }, "Publish"),
                    ),
                ),
            ),
        );
    }

    update(seen: Seen | null, nowMs: number): void {
        setHidden(this.body, seen === null);
        if (!seen) return;
        if (seen !== this.shown) {
            this.shown = seen;
            this.topicField.value = seen.topic;
        }
        setText(this.name, seen.topic);
        const times = seen.count === 1 ? "once" : `${seen.count} times`;
        setText(
            this.facts,
            `${formatBytes(seen.bytes)}, QoS ${seen.qos}${seen.retained ? ", retained" : ""}, seen ${times}, ${formatAge((nowMs - seen.atMs) / 1000)}`,
        );
        if (this.drawn !== seen.payload) {
            this.drawn = seen.payload;
            setText(this.payload, prettyPayload(seen.payload) + (seen.isCut ? "\n… (cut)" : ""));
        }
        setText(this.properties, seen.properties.join(", "));
    }

    private publish(event: Event): void {
        event.preventDefault();
        const topic = this.topicField.value.trim();
        void report(
            topic,
            this.context.connection.publish(topic, this.payloadField.value, {}, this.retain.checked),
        ).then((done) => done && toast(`Published on ${topic}`));
    }
}
