/* The frame around the views: navigation, the state of the connection, the site, the theme. */

import type { Connection } from "../mqtt/connection.ts";
import type { Store } from "../model/store.ts";
import { formatNumber } from "../model/format.ts";
import { h, setAttribute, setClass, setHidden, setText } from "./dom.ts";
import { icon, shape, type IconName } from "./icons.ts";
import { applyTheme, theme, type Theme } from "./preferences.ts";
import { isPressing, needsAcknowledgement, StatusPill } from "./status.ts";
import { toastStack } from "./toast.ts";

export interface Entry {
    path: string;
    title: string;
    icon: IconName;
}

const THEMES: readonly Theme[] = ["auto", "light", "dark"];
const ON_PHONE = 4; // entries of the bar at the bottom; the others are behind "More"
const RATE_MS = 2000;

export class Shell {
    readonly root: HTMLElement;
    readonly scroller: HTMLElement;
    private readonly title = h("h1");
    private readonly links = new Map<string, HTMLAnchorElement[]>();
    private readonly badges: HTMLElement[] = [];
    private readonly pills: StatusPill[] = [new StatusPill(), new StatusPill()];
    private readonly banner: HTMLElement;
    private readonly bannerText = h("span");
    private readonly sites: HTMLSelectElement;
    private readonly rate = h("span", { class: "soft rate" });
    private readonly sheet: HTMLDialogElement;
    private readonly themeButton: HTMLButtonElement;
    private entered = "";
    private sitesKnown = "";
    private rateFrom = { atMs: 0, received: 0 };

    constructor(
        entries: readonly Entry[],
        private readonly connection: Connection,
        private readonly store: Store,
    ) {
        this.sites = h("select", { class: "sites", "aria-label": "Site", hidden: true });
        this.scroller = h("main", { id: "main", tabindex: "-1" });
        this.themeButton = h("button", { class: "bare", onclick: () => this.nextTheme() });
        this.banner = h(
            "div",
            { class: "banner", role: "alert", hidden: true },
            shape("warn"),
            this.bannerText,
            h("button", { class: "small", onclick: () => connection.retryNow() }, "Try now"),
        );
        this.sheet = h(
            "dialog",
            { class: "sheet menu", "aria-label": "More" },
            h("nav", {}, ...entries.slice(ON_PHONE).map((entry) => this.link(entry))),
        );
        this.sheet.addEventListener("click", () => this.sheet.close());
        this.root = h(
            "div",
            { class: "shell" },
            h(
                "a",
                {
                    class: "skip",
                    href: "#main",
                    onclick: (event: Event) => (event.preventDefault(), this.scroller.focus()),
                },
                "To the content",
            ),
            h(
                "aside",
                { class: "side" },
                h("div", { class: "brand" }, brand(), h("span", {}, "Edge")),
                h("nav", { "aria-label": "Views" }, ...entries.map((entry) => this.link(entry))),
                h(
                    "div",
                    { class: "foot" },
                    this.pills[0]!.root,
                    this.rate,
                    h("span", { class: "soft host" }, location.host),
                ),
            ),
            h(
                "div",
                { class: "page" },
                h(
                    "header",
                    { class: "top" },
                    this.title,
                    this.sites,
                    h("span", { class: "phone-state" }, this.pills[1]!.root),
                    this.themeButton,
                ),
                this.banner,
                this.scroller,
            ),
            h(
                "nav",
                { class: "bottom", "aria-label": "Views" },
                ...entries.slice(0, ON_PHONE).map((entry) => this.link(entry)),
                h(
                    "button",
                    { class: "bare", onclick: () => this.sheet.showModal() },
                    icon("more"),
                    h("span", {}, "More"),
                ),
            ),
            this.sheet,
            toastStack(),
        );
        this.showTheme();
    }

    get site(): string | null {
        return this.sites.value === "" ? null : this.sites.value;
    }

    enter(path: string, title: string): void {
        setText(this.title, title);
        this.entered = title;
        for (const [of, links] of this.links) {
            for (const link of links) setAttribute(link, "aria-current", of === path ? "page" : null);
        }
    }

    update(nowMs: number): void {
        this.showConnection(nowMs);
        this.showAlarms();
        this.showSites();
        if (nowMs - this.rateFrom.atMs >= RATE_MS) {
            const seconds = (nowMs - this.rateFrom.atMs) / 1000,
                count = this.store.received - this.rateFrom.received;
            if (this.rateFrom.atMs > 0)
                setText(this.rate, `${formatNumber(count / seconds, count / seconds < 10 ? 1 : 0)} messages/s`);
            this.rateFrom = { atMs: nowMs, received: this.store.received };
        }
    }

    private link({ path, title, icon: name }: Entry): HTMLAnchorElement {
        const badge = path === "/alarms" ? h("span", { class: "badge", hidden: true }) : null;
        if (badge) this.badges.push(badge);
        const link = h("a", { href: `#${path}`, title }, icon(name), h("span", {}, title), badge);
        this.links.set(path, [...(this.links.get(path) ?? []), link]);
        return link;
    }

    private showConnection(nowMs: number): void {
        const { phase, reason, retryAtMs, session } = this.connection;
        const words = {
            live: { tone: "good", text: "live" },
            connecting: { tone: "warn", text: "connecting" },
            waiting: { tone: "bad", text: "no broker" },
            refused: { tone: "off", text: "not logged in" },
        } as const;
        for (const pill of this.pills) pill.set(words[phase]);
        const away = phase === "waiting" || (phase === "connecting" && session + Number(reason !== "") > 0);
        setHidden(this.banner, !away);
        const seconds = Math.max(0, Math.ceil((retryAtMs - nowMs) / 1000));
        const what =
            session > 0 ? "The connection to the broker is lost. What you see is old." : "The broker does not answer.";
        const again = phase === "connecting" ? "Trying again …" : `Trying again in ${seconds} s.`;
        if (away) setText(this.bannerText, `${what} ${again}`);
        setClass(this.root, away ? "shell away" : "shell");
    }

    private showAlarms(): void {
        let waiting = 0,
            active = 0;
        for (const { state } of this.store.alarms.values()) {
            if (needsAcknowledgement(state)) waiting++;
            else if (isPressing(state)) active++;
        }
        const title = `${waiting > 0 ? `(${waiting}) ` : ""}${this.entered} · Edge`;
        if (document.title !== title) document.title = title;
        for (const badge of this.badges) {
            setHidden(badge, waiting + active === 0);
            setText(badge, String(waiting > 0 ? waiting : active));
            setClass(badge, waiting > 0 ? "badge urgent" : "badge");
            setAttribute(badge, "aria-label", waiting > 0 ? `${waiting} to acknowledge` : `${active} active`);
        }
    }

    private showSites(): void {
        const sites = [...new Set([...this.store.nodes.values()].map(({ place }) => place.site))].sort(),
            known = sites.join(" ");
        if (known === this.sitesKnown) return;
        this.sitesKnown = known;
        const chosen = this.sites.value;
        this.sites.replaceChildren(
            h("option", { value: "" }, "All sites"),
            ...sites.map((site) => h("option", { value: site }, site)),
        );
        this.sites.value = sites.includes(chosen) ? chosen : "";
        setHidden(this.sites, sites.length < 2);
    }

    private nextTheme(): void {
        applyTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]!);
        this.showTheme();
    }

    private showTheme(): void {
        const now = theme(),
            words = `Theme: ${now === "auto" ? "as the system" : now}`;
        this.themeButton.replaceChildren(icon(now));
        setAttribute(this.themeButton, "aria-label", words);
        setAttribute(this.themeButton, "title", words);
    }
}

function brand(): HTMLElement {
    return h("span", { class: "mark", "aria-hidden": "true" }, icon("signals"));
}
