/* Wiring: the connection fills the store, the beat shows it. */

import "./shim/globals.ts";
import "uplot/dist/uPlot.min.css";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/views.css";

import { Store } from "./model/store.ts";
import { DISCOVERY_FILTERS, filtersOf, placeOfInfo, type Place } from "./model/topic.ts";
import { parseObject, readInfo } from "./model/wire.ts";
import { Asker } from "./mqtt/ask.ts";
import { Connection, type Credentials } from "./mqtt/connection.ts";
import { Login, rememberCredentials, rememberedCredentials } from "./ui/login.ts";
import { applyTheme, theme } from "./ui/preferences.ts";
import { Shell, type Entry } from "./ui/shell.ts";
import { startTicker } from "./ui/ticker.ts";
import type { Context, View } from "./ui/view.ts";
import { AlarmsView } from "./views/alarms.ts";
import { AutomationView } from "./views/automation.ts";
import { ChartView } from "./views/chart.ts";
import { DevicesView } from "./views/devices.ts";
import { OverviewView } from "./views/overview.ts";
import { SignalsView } from "./views/signals.ts";
import { SystemView } from "./views/system.ts";
import { TrendFiller } from "./views/trend_filler.ts";
import { TopicsView } from "./views/topics.ts";

const SWEEP_AFTER_MS = 5000; // retained messages have all come by then

const ENTRIES: readonly Entry[] = [
    { path: "/", title: "Overview", icon: "overview" },
    { path: "/signals", title: "Signals", icon: "signals" },
    { path: "/devices", title: "Devices", icon: "devices" },
    { path: "/alarms", title: "Alarms", icon: "alarms" },
    { path: "/chart", title: "Charts", icon: "chart" },
    { path: "/automation", title: "Automation", icon: "automation" },
    { path: "/system", title: "Nodes", icon: "system" },
    { path: "/topics", title: "Topics", icon: "topics" },
];

const text = new TextDecoder();
const store = new Store();
const places = new Map<string, Place>();

const connection: Connection = new Connection({
    live() {
        asker.reset();
        store.begin();
        rememberCredentials(connection.lastCredentials);
        void connection.subscribe(DISCOVERY_FILTERS.map((topic) => ({ topic, qos: 1 })));
        for (const place of places.values()) void connection.subscribe(filtersOf(place));
        const { session } = connection;
        setTimeout(() => connection.isLive && connection.session === session && store.sweep(), SWEEP_AFTER_MS);
    },
    changed: () => showLogin(),
    message(topic, bytes, packet) {
        const payload = text.decode(bytes);
        if (asker.take(topic, payload)) return;
        discover(topic, payload);
        const arrival = { retained: packet.retain, expiryS: packet.properties?.messageExpiryInterval };
        store.apply(topic, payload, arrival, Date.now());
    },
});
const asker = new Asker(connection);

/** A node that says what it is shows a site to listen to. */
function discover(topic: string, payload: string): void {
    const place = topic.endsWith("/info") ? placeOfInfo(topic) : null;
    const json = place && parseObject(payload);
    if (!place || !json || !readInfo(json)) return;
    const key = `${place.prefix}/${place.site}`;
    if (places.has(key)) return;
    places.set(key, place);
    store.addPrefix(place.prefix);
    void connection.subscribe(filtersOf(place));
}

// --- login

let loggingIn = false;
const login = new Login((credentials: Credentials) => {
    loggingIn = true;
    connection.login(credentials);
});

function showLogin(): void {
    const { phase, reason } = connection;
    if (phase === "live") loggingIn = false;
    if (phase === "refused") rememberCredentials(null);
    login.show(phase === "refused" || (loggingIn && phase !== "live"), reason, phase === "connecting");
}

// --- views

const shell = new Shell(ENTRIES, connection, store);
const context: Context = {
    store,
    connection,
    asker,
    get trends(): TrendFiller {
        return trends;
    },
    scroller: shell.scroller,
    site: () => shell.site,
    navigate: (path) => {
        location.hash = `#${path}`;
    },
};

const trends = new TrendFiller(context);

const makers: Record<string, () => View> = {
    "/": () => new OverviewView(context),
    "/signals": () => new SignalsView(context),
    "/chart": () => new ChartView(context),
    "/devices": () => new DevicesView(context),
    "/alarms": () => new AlarmsView(context),
    "/automation": () => new AutomationView(context),
    "/system": () => new SystemView(context),
    "/topics": () => new TopicsView(context),
};
const views = new Map<string, View>();
let current: View | null = null;

function route(): void {
    const [wanted = "/", query = ""] = location.hash.slice(1).split("?", 2);
    const path = makers[wanted] ? wanted : "/";
    let view = views.get(path);
    if (!view) {
        view = makers[path]!();
        views.set(path, view);
    }
    if (view !== current) {
        current?.hide?.();
        shell.scroller.replaceChildren(view.root);
        shell.scroller.scrollTop = 0;
        shell.enter(path, view.title);
        current = view;
    }
    view.show?.(new URLSearchParams(query));
    view.update(Date.now());
}

function onShortcut(event: KeyboardEvent): void {
    const typing = (event.target as Element).closest?.("input, textarea, select, dialog");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (!location.hash.startsWith("#/signals")) location.hash = "#/signals";
    setTimeout(() => (views.get("/signals") as SignalsView | undefined)?.focusSearch());
}

applyTheme(theme());
document.body.append(shell.root, login.root);
addEventListener("hashchange", route);
addEventListener("keydown", onShortcut);
route();
startTicker((nowMs) => {
    shell.update(nowMs);
    current?.update(nowMs);
});
connection.start(rememberedCredentials());
