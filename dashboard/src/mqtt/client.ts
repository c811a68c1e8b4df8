/*
 * npm's `mqtt` without what a page does not use: its own bundle has every transport, timers in a
 * worker (a page with a strict policy may not start one) and a debug log, and is 100 kB larger.
 */

import Client, { type IClientOptions } from "mqtt/lib/client";
import { browserStreamBuilder } from "mqtt/lib/connect/ws";
import type { IPublishPacket } from "mqtt-packet";

export type { IClientOptions, IPublishPacket };

export class MqttClient extends Client {
    constructor(url: string, options: IClientOptions) {
        const { protocol, hostname, port, pathname } = new URL(url);
        const wire: IClientOptions = {
            ...options,
            protocol: protocol === "wss:" ? "wss" : "ws",
            hostname,
            ...(port === "" ? {} : { port: Number(port) }),
            path: pathname,
        };
        super((client) => browserStreamBuilder(client, wire), wire);
    }
}
