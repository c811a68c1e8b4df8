/* The topic tree as the page reads it: topics/asyncapi.yaml is the contract, this is its reader's side. */

export type TopicKind =
    | "status"
    | "info"
    | "catalog"
    | "metrics"
    | "event"
    | "bus_state"
    | "reading"
    | "signal"
    | "alarm"
    | "alarm_event"
    | "device_state"
    | "rule_state"
    | "schedule_state"
    | "controller_state";

/** The ids of a topic; those that its kind does not have are empty. */
export interface TopicIds {
    site: string;
    node: string;
    bus: string;
    message: string;
    signal: string;
    id: string;
}

export interface ParsedTopic extends TopicIds {
    kind: TopicKind;
    prefix: string;
}

/** A site below a prefix: what the page subscribes to as a whole. */
export interface Place {
    prefix: string;
    site: string;
}

interface Pattern {
    kind: TopicKind;
    levels: readonly string[];
    /** Once lost, it would be missed: QoS 1. */
    assured: boolean;
}

function pattern(kind: TopicKind, text: string, assured = true): Pattern {
    return { kind, levels: text.split("/"), assured };
}

// Literal levels come before ids: the first that matches is the one.
const PATTERNS: readonly Pattern[] = [
    pattern("status", "%site/%node/status"),
    pattern("info", "%site/%node/info"),
    pattern("catalog", "%site/%node/catalog"),
    pattern("metrics", "%site/%node/metrics", false),
    pattern("event", "%site/%node/event"),
    pattern("bus_state", "%site/%node/can/%bus/state"),
    pattern("reading", "%site/%node/can/%bus/%message", false),
    pattern("signal", "%site/%node/can/%bus/%message/%signal", false),
    pattern("alarm_event", "%site/%node/alarms/event"),
    pattern("alarm", "%site/%node/alarms/%id"),
    pattern("device_state", "%site/devices/%id/state"),
    pattern("rule_state", "%site/%node/rules/%id/state"),
    pattern("schedule_state", "%site/%node/schedules/%id/state"),
    pattern("controller_state", "%site/%node/controllers/%id/state"),
];

const ID = /^[A-Za-z0-9_-]{1,128}$/;
const RESERVED_SIGNAL = "set"; // can/<bus>/<message>/set is a command

function match(levels: readonly string[], wanted: Pattern): TopicIds | null {
    if (levels.length !== wanted.levels.length) return null;
    const ids: TopicIds = { site: "", node: "", bus: "", message: "", signal: "", id: "" };
    for (let i = 0; i < levels.length; i++) {
        const level = levels[i]!,
            expected = wanted.levels[i]!;
        if (!expected.startsWith("%")) {
            if (level !== expected) return null;
        } else if (ID.test(level)) {
            ids[expected.slice(1) as keyof TopicIds] = level;
        } else {
            return null;
        }
    }
    return ids.signal === RESERVED_SIGNAL ? null : ids;
}

/** What a topic below one of the prefixes is, or null for one that the page has no use for. */
export function parseTopic(topic: string, prefixes: Iterable<string>): ParsedTopic | null {
    for (const prefix of prefixes) {
        if (!topic.startsWith(`${prefix}/`)) continue;
        const levels = topic.slice(prefix.length + 1).split("/");
        for (const wanted of PATTERNS) {
            const ids = match(levels, wanted);
            if (ids) return { kind: wanted.kind, prefix, ...ids };
        }
    }
    return null;
}

/** Where a node says what it is, if this is such a topic: so are places found. */
export function placeOfInfo(topic: string): Place | null {
    const levels = topic.split("/");
    if (levels.length < 4 || levels.at(-1) !== "info" || !levels.every((level) => ID.test(level))) return null;
    return { prefix: levels.slice(0, -3).join("/"), site: levels.at(-3)! };
}

/** Prefixes of one and of two levels; and the usual one, where a broker refuses filters for any. */
export const DISCOVERY_FILTERS: readonly string[] = ["+/+/+/info", "+/+/+/+/info", "edge/+/+/info"];

export interface Filter {
    topic: string;
    qos: 0 | 1;
}

/** All that the page reads of a place. */
export function filtersOf(place: Place): Filter[] {
    return PATTERNS.map(({ levels, assured }) => {
        const below = levels.map((level) => (level === "%site" ? place.site : level.startsWith("%") ? "+" : level));
        return { topic: [place.prefix, ...below].join("/"), qos: assured ? 1 : 0 };
    });
}

type Settable = "devices" | "alarms" | "rules" | "schedules" | "controllers";

/** Where people send what they want of a part. `node` is not used for devices: they belong to the site. */
export function setTopic(part: Settable, place: Place, node: string, id: string): string {
    const owner = part === "devices" ? place.site : `${place.site}/${node}`;
    return `${place.prefix}/${owner}/${part}/${id}/set`;
}

export function requestTopic(place: Place, node: string, verb: string): string {
    return `${place.prefix}/${place.site}/${node}/request/${verb}`;
}

export function responseTopic(place: Place, node: string, verb: string): string {
    return `${place.prefix}/${place.site}/${node}/response/${verb}`;
}

/** Where the page's own answers go: below the name it has at the broker, which can keep others away. */
export function answerTopic(place: Place, who: { userName: string; clientId: string }): string {
    const user = ID.test(who.userName) ? who.userName : "anyone";
    return `${place.prefix}/${place.site}/answers/${user}/${who.clientId}`;
}
