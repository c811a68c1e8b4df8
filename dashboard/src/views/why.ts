/* Why a device is what it is (request `explain`): from the reading to the command, and what would change it. */

import type { DeviceEntity } from "../model/entities.ts";
import { formatDuration, formatTime, formatValue, humanize } from "../model/format.ts";
import { asArray, asNumber, asObject, asText, asValue, type Json } from "../model/wire.ts";
import { h, type Child } from "../ui/dom.ts";
import { icon, shape } from "../ui/icons.ts";
import type { Context } from "../ui/view.ts";
import { chartPath } from "./chart_path.ts";
import { sourceWords } from "./device_card.ts";
import { explain, signalOf } from "./device_kind.ts";

const AGAIN_MS = 3000;

/** A dialog that asks again while it is open. */
export function openWhy(context: Context, device: DeviceEntity): void {
    const body = h("div", { class: "why-body", "aria-live": "polite" }, h("p", { class: "soft" }, "Asking the node …"));
    const dialog = h(
        "dialog",
        { class: "sheet", "aria-label": `Why ${humanize(device.id)}` },
        h(
            "header",
            {},
            h(
                "h2",
                {},
                `Why is ${humanize(device.id).toLowerCase()} ${formatValue(device.state.value ?? device.state.target)}?`,
            ),
            h("button", { class: "bare", "aria-label": "Close", onclick: () => dialog.close() }, icon("close")),
        ),
        body,
    );
    const title = dialog.querySelector("h2")!;
    const refresh = async (): Promise<void> => {
        try {
            const json = await explain(context, device),
                state = asObject(json["state"]);
            title.textContent = `Why is ${humanize(device.id).toLowerCase()} ${formatValue(asValue(state["value"]) ?? asValue(state["target"]))}?`;
            body.replaceChildren(...parts(context, json, () => dialog.close()));
        } catch (error) {
            body.replaceChildren(h("p", { class: "failure" }, shape("bad"), `No answer: ${(error as Error).message}.`));
        }
    };
    const timer = setInterval(() => void refresh(), AGAIN_MS);
    dialog.addEventListener("close", () => {
        clearInterval(timer);
        dialog.remove();
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
    void refresh();
}

function parts(context: Context, json: Json, close: () => void): HTMLElement[] {
    const nowMs = Date.now();
    const sections: (HTMLElement | null)[] = [
        h("p", { class: "why-text" }, asText(json["text"])),
        section(
            "Who wants what",
            asArray(json["claims"]).map((claim) => claimItem(asObject(claim), nowMs)),
            "claims",
        ),
        section(
            "What it looks at",
            asArray(json["readings"]).map((reading) => readingItem(context, asObject(reading), close)),
        ),
        section(
            "What would change it",
            asArray(json["changes"]).map((change) => changeItem(asObject(change), nowMs)),
        ),
        section("The command", commandItems(asObject(json["command"]), nowMs)),
    ];
    return sections.filter((part): part is HTMLElement => part !== null);
}

function section(title: string, items: Child[], name = ""): HTMLElement | null {
    if (items.length === 0) return null;
    return h("section", {}, h("h3", {}, title), h("ul", { class: `facts ${name}` }, ...items));
}

function claimItem(claim: Json, nowMs: number): HTMLElement {
    const wins = claim["wins"] === true,
        until = asNumber(claim["until"]),
        lost = asText(claim["lost_to"]);
    return h(
        "li",
        { class: wins ? "wins" : "loses" },
        h("span", { class: "mark" }, wins ? icon("check") : null),
        h(
            "div",
            {},
            h(
                "div",
                {},
                h("strong", {}, sourceWords(asText(claim["source"]))),
                " wants ",
                h("b", { class: "value" }, formatValue(claim["value"])),
                h("span", { class: "chip", "data-source": asText(claim["priority"]) }, asText(claim["priority"])),
            ),
            h(
                "div",
                { class: "soft" },
                asText(claim["reason"]),
                until === undefined ? "" : ` (${formatDuration(until - nowMs / 1000)} left)`,
                lost === "" || wins ? "" : ` — stands below ${sourceWords(lost)}`,
            ),
        ),
    );
}

function readingItem(context: Context, reading: Json, close: () => void): HTMLElement {
    const signal = signalOf(context, reading),
        quality = asText(reading["quality"], "good");
    const show = (): void => {
        close();
        context.navigate(chartPath([signal!.key]));
    };
    return h(
        "li",
        {},
        h("span", {}, asText(reading["input"])),
        h("b", { class: "value" }, `${formatValue(reading["value"])} ${asText(reading["unit"])}`),
        quality === "good" ? null : h("span", { class: "status warn" }, shape("warn"), quality.replace("_", " ")),
        signal && h("button", { class: "small", onclick: show }, icon("chart"), "Chart"),
    );
}

function changeItem(change: Json, nowMs: number): HTMLElement {
    const at = asNumber(change["at"]);
    return h(
        "li",
        {},
        h("span", {}, asText(change["what"])),
        at === undefined ? null : h("span", { class: "soft" }, formatTime(at, nowMs)),
    );
}

function commandItems(command: Json, nowMs: number): HTMLElement[] {
    const phase = asText(command["phase"]),
        sent = asNumber(command["sent"]),
        confirmed = asNumber(command["confirmed"]);
    if (phase === "" || phase === "idle") return [];
    const attempt = asNumber(command["attempt"]) ?? 0;
    return [
        h(
            "li",
            {},
            h("b", { class: "value" }, formatValue(command["value"])),
            h("span", {}, phase),
            h(
                "span",
                { class: "soft" },
                [
                    sent === undefined ? "" : `sent ${formatTime(sent, nowMs)}`,
                    attempt > 1 ? `attempt ${attempt}` : "",
                    confirmed === undefined ? "" : `proved ${formatTime(confirmed, nowMs)}`,
                ]
                    .filter(Boolean)
                    .join(", "),
            ),
        ),
    ];
}
