// What people write next: Node.js and the npm package mqtt, with the one DBC file's signals decoded by hand.
// usage: node bench/peers/bridge.mjs PORT QOS MODULES     (frames from stdin; MODULES: where npm put mqtt)
import { createRequire } from "node:module";
import readline from "node:readline";

const [port, qos, modules] = process.argv.slice(2);
const mqtt = createRequire(`${modules}/`)("mqtt");
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
const options = { qos: Number(qos), retain: true, properties: { messageExpiryInterval: 20 } };
const inFlight = new Set();
let seq = 0;

for await (const line of readline.createInterface({ input: process.stdin })) {
    const [, ts, bus, id, hex] = /^\((\d+\.\d+)\) (\S+) ([0-9A-F]+)#([0-9A-F]*)/.exec(line);
    const data = Buffer.from(hex, "hex");
    const signals = {
        Stamp: data.readUIntLE(0, 5),
        A: data[5] / 10,
        B: data[6] - 40,
        C: data[7],
    };
    const topic = `edge/bench/gw/can/${bus}/M${parseInt(id, 16) - 256}`;
    const sent = client.publishAsync(topic, JSON.stringify({ ts: Number(ts), seq: ++seq, signals }), options);
    inFlight.add(sent);
    sent.finally(() => inFlight.delete(sent));
    if (inFlight.size >= 100) {
        await Promise.race(inFlight);
    }
}
