/* The pure parts of the page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { trustOf } from "../src/model/entities.ts";
import {
    formatAge,
    formatBytes,
    formatDuration,
    formatNumber,
    formatTime,
    formatValue,
    humanize,
    humanizeName,
} from "../src/model/format.ts";
import { SlotRing } from "../src/model/ring.ts";
import { matcher } from "../src/model/search.ts";
import { decimate, joinTail, Tail, withGaps, type Points } from "../src/model/series.ts";
import { Store, switchOf } from "../src/model/store.ts";
import { filtersOf, parseTopic, placeOfInfo, requestTopic, setTopic } from "../src/model/topic.ts";
import { prettyPayload, TopicLog } from "../src/model/topic_log.ts";
import { parseObject, plainValue, readAlarmState, readBusState, readInfo } from "../src/model/wire.ts";

// --- topics

test("a topic is what the tree says it is", () => {
    const kinds: Record<string, string> = {
        "edge/s/gw/status": "status",
        "edge/s/gw/can/can0/state": "bus_state",
        "edge/s/gw/can/can0/Climate": "reading",
        "edge/s/gw/can/can0/Climate/Temperature": "signal",
        "edge/s/gw/alarms/event": "alarm_event",
        "edge/s/gw/alarms/tank": "alarm",
        "edge/s/devices/vent/state": "device_state",
        "edge/s/au/rules/r/state": "rule_state",
    };
    for (const [topic, kind] of Object.entries(kinds)) assert.equal(parseTopic(topic, ["edge"])?.kind, kind, topic);
});

test("commands, backfill and foreign topics are nothing to the page", () => {
    for (const topic of [
        "edge/s/gw/can/can0/Climate/set",
        "edge/s/devices/vent/set",
        "edge/s/gw/backfill/can0/Climate",
        "edge/s/gw",
        "other/s/gw/status",
        "edge/s/gw/can/can 0/Climate",
        "edge//gw/status",
        "edgeX/s/gw/status",
    ]) {
        assert.equal(parseTopic(topic, ["edge"]), null, topic);
    }
});

test("the ids of a topic are told apart, below a prefix of two levels as well", () => {
    const parsed = parseTopic("plant/edge/s/gw/can/can0/Climate/Temperature", ["edge", "plant/edge"]);
    assert.deepEqual(parsed, {
        kind: "signal",
        prefix: "plant/edge",
        site: "s",
        node: "gw",
        bus: "can0",
        message: "Climate",
        signal: "Temperature",
        id: "",
    });
});

test("a node's info shows where its site is", () => {
    assert.deepEqual(placeOfInfo("edge/s/gw/info"), { prefix: "edge", site: "s" });
    assert.deepEqual(placeOfInfo("a/b/s/gw/info"), { prefix: "a/b", site: "s" });
    for (const topic of ["s/gw/info", "edge/s/gw/status", "$SYS/s/gw/info"])
        assert.equal(placeOfInfo(topic), null, topic);
});

test("what is subscribed of a place is what the page can read", () => {
    const place = { prefix: "edge", site: "s" };
    for (const { topic } of filtersOf(place)) {
        const example = topic.replaceAll("+", "x");
        assert.notEqual(parseTopic(example, ["edge"]), null, topic);
    }
    assert.equal(filtersOf(place).find(({ topic }) => topic === "edge/s/+/can/+/+")?.qos, 0);
});

test("wishes and questions go where the tree wants them", () => {
    const place = { prefix: "edge", site: "s" };
    assert.equal(setTopic("devices", place, "au", "vent"), "edge/s/devices/vent/set");
    assert.equal(setTopic("alarms", place, "gw", "tank"), "edge/s/gw/alarms/tank/set");
    assert.equal(requestTopic(place, "gw", "history"), "edge/s/gw/request/history");
});

// --- ring

test("a ring keeps the newest slots, each with what it spanned", () => {
    const ring = new SlotRing(3, 1000);
    for (const [ms, value] of [
        [0, 1],
        [1000, 2],
        [1500, 7],
        [1900, 4],
        [2000, 5],
        [3000, 6],
    ] as const)
        ring.push(ms, value);
    assert.equal(ring.length, 3);
    assert.deepEqual(
        [0, 1, 2].map((i) => [ring.time(i), ring.min(i), ring.max(i), ring.last(i)]),
        [
            [1000, 2, 7, 4],
            [2000, 5, 5, 5],
            [3000, 6, 6, 6],
        ],
    );
});

test("a time that goes back is taken into the newest slot", () => {
    const ring = new SlotRing(4, 1000);
    ring.push(5000, 1);
    ring.push(3000, 9);
    assert.deepEqual([ring.length, ring.time(0), ring.max(0)], [1, 5000, 9]);
});

test("a ring takes the slots of a later one", () => {
    const early = new SlotRing(4, 1000),
        late = new SlotRing(4, 1000);
    early.push(1000, 1);
    late.push(2000, 5);
    late.push(2500, 3);
    early.append(late);
    assert.deepEqual([early.length, early.min(1), early.max(1), early.last(1)], [2, 3, 5, 3]);
});

// --- series

function line(length: number, value: (i: number) => number | null): Points {
    return { t: Array.from({ length }, (_, i) => i), v: Array.from({ length }, (_, i) => value(i)) };
}

test("few points stay as they are", () => {
    const points = line(10, (i) => i);
    assert.equal(decimate(points, 10), points);
});

test("decimation keeps every extreme, in order of time", () => {
    const points = line(10000, (i) => (i === 4321 ? 99 : i === 7777 ? -99 : Math.sin(i / 100)));
    const few = decimate(points, 200);
    assert.ok(few.t.length <= 200, `${few.t.length} points`);
    assert.ok(few.v.includes(99) && few.v.includes(-99));
    assert.deepEqual(
        few.t,
        [...few.t].sort((a, b) => a - b),
    );
});

test("a piece of nothing but gaps gives no point", () => {
    assert.deepEqual(
        decimate(
            line(100, () => null),
            10,
        ),
        { t: [], v: [] },
    );
});

test("a line is broken where nothing came for too long", () => {
    const broken = withGaps({ t: [0, 1, 10, 11], v: [1, 2, 3, 4] }, 4);
    assert.deepEqual(broken, { t: [0, 1, 3, 10, 11], v: [1, 2, null, 3, 4] });
});

test("live values follow history without being there twice", () => {
    assert.deepEqual(joinTail({ t: [1, 2, 3], v: [1, 2, 3] }, { t: [2, 3, 4], v: [2, 3, 4] }), {
        t: [1, 2, 3, 4],
        v: [1, 2, 3, 4],
    });
});

test("a tail is bounded: its older half gets coarser, its newest values stay", () => {
    const tail = new Tail(1000);
    for (let i = 0; i < 100000; i++) tail.push(i, i % 7);
    assert.ok(tail.points.t.length <= 1000);
    assert.deepEqual(tail.points.t.slice(-3), [99997, 99998, 99999]);
    tail.dropBefore(99998);
    assert.deepEqual(tail.points.t, [99998, 99999]);
    tail.push(99998, 1);
    assert.equal(tail.points.t.length, 2);
});

// --- format

test("numbers keep their places and say what they cannot be", () => {
    assert.equal(formatNumber(21.5, 2), "21.50");
    assert.equal(formatNumber(-0.001, 1), "0.0");
    assert.equal(formatNumber(-3.25, 1), "−3.3");
    assert.equal(formatNumber(1234567), "1\u202f234\u202f570");
    assert.equal(formatNumber(0.1 + 0.2), "0.3");
    assert.equal(formatNumber(1e15), "1.000e+15");
    assert.equal(formatNumber(Number.NaN), "–");
});

test("values that are not numbers are words", () => {
    assert.deepEqual(
        [formatValue("Running"), formatValue(true), formatValue(null), formatValue("")],
        ["Running", "on", "–", "–"],
    );
});

test("ages and durations are short", () => {
    assert.deepEqual([0.3, 12, 120, 7200, 90000, 400000].map(formatAge), [
        "now",
        "12 s",
        "2 min",
        "2 h",
        "25 h",
        "5 d",
    ]);
    assert.deepEqual([42, 598, 7500, 273600].map(formatDuration), ["0:42", "9:58", "2 h 05 min", "3 d 4 h"]);
    assert.equal(formatDuration(-5), "0:00");
    assert.deepEqual([formatBytes(999), formatBytes(1234), formatBytes(2500000)], ["999 B", "1.2 kB", "2.5 MB"]);
});

test("a time of another day comes with its date", () => {
    const now = new Date(2026, 10, 26, 12, 0, 0).getTime();
    assert.equal(formatTime(new Date(2026, 10, 26, 9, 5, 7).getTime() / 1000, now), "09:05:07");
    assert.equal(formatTime(new Date(2026, 10, 25, 9, 5, 7).getTime() / 1000, now), "2026-11-25 09:05:07");
});

test("ids become words", () => {
    assert.equal(humanize("air_when_hot"), "Air when hot");
    assert.equal(humanizeName("OutsideTemperature"), "Outside Temperature");
    assert.equal(humanizeName("CO2"), "CO2");
});

test("a search finds what has all its words", () => {
    const matches = matcher("clim TEMP");
    assert.ok(matches("gw1 can0 Climate Temperature °C"));
    assert.ok(!matches("gw1 can0 Climate Humidity"));
    assert.ok(matcher("")("anything"));
});

// --- payloads

test("damaged payloads give nothing, and no exception", () => {
    assert.equal(parseObject("{broken"), null);
    assert.equal(parseObject("[1]"), null);
    assert.equal(readInfo({ program: 7 }), null);
    assert.equal(readAlarmState({ state: "burning", priority: 99 }).state, "unknown");
    assert.equal(readAlarmState({ priority: 99 }).priority, 4);
    assert.deepEqual(readBusState({ state: "up", load_percent: 3, rx_errors: 2 }).counters, [["rx_errors", 2]]);
    assert.deepEqual(["21.5", "-3", "1e3", "Running", "0x10"].map(plainValue), [21.5, -3, 1000, "Running", "0x10"]);
});

// --- store

const LIVE = { retained: false, expiryS: 15 };
const KEPT = { retained: true, expiryS: undefined };
const INFO = JSON.stringify({ program: "p", version: "1", started: 1, buses: [], devices: ["vent"], capabilities: [] });

function filled(): Store {
    const store = new Store();
    store.addPrefix("edge");
    store.apply("edge/s/gw/info", INFO, KEPT, 1000);
    store.apply("edge/s/gw/status", "online", KEPT, 1000);
    store.apply(
        "edge/s/gw/catalog",
        JSON.stringify({
            ts: 1,
            buses: [
                {
                    name: "can0",
                    messages: [
                        {
                            name: "Climate",
                            id: 1,
                            settable: false,
                            signals: [
                                { name: "Temperature", unit: "°C", decimals: 2 },
                                { name: "Pump", labels: [{ value: 1, label: "Running" }] },
                            ],
                        },
                    ],
                },
            ],
        }),
        KEPT,
        1000,
    );
    return store;
}

test("a signal is there before its first value, and says so", () => {
    const signal = filled().signals.get("edge/s/gw/can0/Climate/Temperature")!;
    assert.deepEqual([signal.unit, signal.decimals, trustOf(signal, 1000)], ["°C", 2, "waiting"]);
});

test("a reading gives its signals values, labels their numbers, and ends with its expiry", () => {
    const store = filled(),
        at = 1e12;
    store.apply(
        "edge/s/gw/can/can0/Climate",
        '{"ts":1000000000,"signals":{"Temperature":21.5,"Pump":"Running"},"q":{"Pump":"out_of_range"}}',
        LIVE,
        at,
    );
    const temperature = store.signals.get("edge/s/gw/can0/Climate/Temperature")!,
        pump = store.signals.get("edge/s/gw/can0/Climate/Pump")!;
    assert.deepEqual([temperature.value, temperature.number, pump.number], [21.5, 21.5, 1]);
    assert.deepEqual([trustOf(temperature, at + 14000), trustOf(temperature, at + 15001)], ["good", "stale"]);
    assert.equal(trustOf(pump, at), "out_of_range");
    store.apply("edge/s/gw/status", "offline", LIVE, at);
    assert.equal(trustOf(temperature, at), "offline");
});

test("the clock of a gateway that is off does not make its readings old", () => {
    const store = filled(),
        at = 1e12;
    store.apply("edge/s/gw/can/can0/Climate", '{"ts":999996400,"signals":{"Temperature":1}}', LIVE, at);
    const signal = store.signals.get("edge/s/gw/can0/Climate/Temperature")!;
    assert.equal(signal.atMs, at);
    assert.equal(signal.message.node.clockOffsetMs, -3600000);
});

test("what a new connection does not show any more is gone", () => {
    const store = filled();
    store.apply("edge/s/devices/vent/state", '{"value":1,"target":1,"quality":"good"}', KEPT, 1000);
    store.apply("edge/s/devices/fan/state", '{"value":1,"target":1,"quality":"good"}', KEPT, 1000);
    store.begin();
    store.apply("edge/s/gw/info", INFO, KEPT, 2000);
    store.apply("edge/s/devices/vent/state", '{"value":2,"target":2,"quality":"good"}', KEPT, 2000);
    store.sweep();
    assert.deepEqual([...store.devices.keys()], ["edge/s//vent"]);
    assert.equal(store.signals.size, 2);
});

test("an empty payload takes a part away, a node with all its signals", () => {
    const store = filled();
    store.apply("edge/s/gw/alarms/tank", '{"state":"active_unack","since":1}', KEPT, 1000);
    store.apply("edge/s/gw/alarms/tank", "", KEPT, 1000);
    assert.equal(store.alarms.size, 0);
    store.apply("edge/s/gw/info", "", KEPT, 1000);
    assert.deepEqual([store.nodes.size, store.signals.size], [0, 0]);
});

test("events are bounded, the newest first", () => {
    const store = filled();
    for (let i = 0; i < 500; i++)
        store.apply(
            "edge/s/gw/alarms/event",
            `{"ts":${i},"alarm":"a","event":"raise","state":"active_unack"}`,
            LIVE,
            1000,
        );
    assert.deepEqual([store.alarmEvents.length, store.alarmEvents[0]?.event.ts], [200, 499]);
});

test("the past goes before the trend that is there", () => {
    const store = filled(),
        at = 1e12;
    store.apply("edge/s/gw/can/can0/Climate", '{"ts":1000000000,"signals":{"Temperature":5}}', LIVE, at);
    const signal = store.signals.get("edge/s/gw/can0/Climate/Temperature")!;
    signal.prefill([
        [999999998, 3],
        [999999999, 4],
        [1000000000.5, 9],
    ]);
    const trend = signal.trend!;
    assert.deepEqual(
        [0, 1, 2].map((i) => trend.last(i)),
        [3, 4, 5],
    );
    assert.equal(trend.length, 3);
});

test("on and off are told in any case, everything else is not a switch", () => {
    assert.deepEqual(["ON", "off", true, 1, "Running", null].map(switchOf), [true, false, true, null, null, null]);
});

// --- inspector

test("the inspector is bounded in topics and in what it keeps of each", () => {
    const log = new TopicLog({ topics: 3, payloadBytes: 1000, allBytes: 1500 }),
        packet = { qos: 1, retain: true };
    const payload = new TextEncoder().encode("x".repeat(1200));
    for (let round = 0; round < 10; round++)
        for (const topic of ["a", "b", "c", "d"]) log.add(topic, payload, packet, 1);
    const kept = [...log.topics.values()].map((seen) => seen.payload.length);
    assert.deepEqual(
        [log.topics.size, log.refused, log.topics.get("a")?.bytes, log.topics.get("a")?.isCut],
        [3, 10, 1200, true],
    );
    assert.deepEqual(kept, [1000, 1000, 200]);
});

test("JSON is shown with indents, the rest as it came", () => {
    assert.equal(prettyPayload('{"a":1}'), '{\n  "a": 1\n}');
    assert.equal(prettyPayload("21.50"), "21.50");
});
