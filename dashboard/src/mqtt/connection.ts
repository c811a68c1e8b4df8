/*
 * A connection to the broker that served this page, for ever: it comes back by itself and says so.
 *
 *   connecting ─▶ live ─▶ waiting ─▶ connecting ...
 *        └──▶ refused: the broker wants a name and a password, and waits for login()
 */

import { MqttClient, type IClientOptions, type IPublishPacket } from "./client.ts";
import type { Filter } from "../model/topic.ts";

export type Phase = "connecting" | "live" | "waiting" | "refused";

export interface Credentials {
    username: string;
    password: string;
}

export interface ConnectionEvents {
    /** Connected anew: subscribe here. */
    live(): void;
    changed(): void;
    message(topic: string, payload: Uint8Array, packet: IPublishPacket): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;
const STABLE_MS = 5000; // a connection that held for so long was a good one
const REFUSED = new Set([4, 5, 0x86, 0x87]); // MQTT 3.1.1 and 5: bad name or password, not authorised
const NOT_ALLOWED = 0x87;
const NOBODY_LISTENS = 0x10;
const REASON_AT_MOST = 120;

export function brokerUrl(): string {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    return `${scheme}://${location.host || "127.0.0.1:9001"}/`;
}

export class Connection {
    phase: Phase = "connecting";
    /** For a person: why it is not live. Empty where there is nothing to say. */
    reason = "";
    retryAtMs = 0;
    /** Counts the connections that were made. */
    session = 0;
    readonly clientId: string;
    private client: MqttClient | null = null;
    private readonly unheard = new Set<number | undefined>(); // acknowledged, but without any subscriber
    private credentials: Credentials | null = null;
    private waitMs = FIRST_WAIT_MS;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private liveSinceMs = 0;
    private readonly ended = new AbortController();

    constructor(
        private readonly events: ConnectionEvents,
        name = "page",
    ) {
        this.clientId = `${name}-${randomId()}`;
    }

    get isLive(): boolean {
        return this.phase === "live";
    }

    start(credentials: Credentials | null = null): void {
        this.credentials = credentials;
        const { signal } = this.ended;
        window.addEventListener("online", () => this.retryNow(), { signal });
        document.addEventListener("visibilitychange", () => document.hidden || this.retryNow(), { signal });
        this.connect();
    }

    /** Ends it for good. */
    stop(): void {
        this.ended.abort();
        clearTimeout(this.timer);
        const client = this.client;
        this.client = null;
        client?.end(true);
    }

    login(credentials: Credentials): void {
        this.credentials = credentials;
        this.connect();
    }

    get lastCredentials(): Credentials | null {
        return this.credentials;
    }

    /** Empty where the broker asked for none. */
    get userName(): string {
        return this.credentials?.username ?? "";
    }

    retryNow(): void {
        if (this.phase === "waiting") this.connect();
    }

    /** Resolves with the topics that the broker refused. */
    subscribe(filters: readonly Filter[]): Promise<string[]> {
        const wanted = Object.fromEntries(filters.map(({ topic, qos }) => [topic, { qos }]));
        return new Promise((resolve) => {
            if (!this.client || filters.length === 0) return resolve([]);
            this.client.subscribe(wanted, (error, granted) => {
                const answered = granted ?? [];
                resolve(
                    error && answered.length === 0
                        ? filters.map(({ topic }) => topic)
                        : answered.filter(({ qos }) => qos >= 128).map(({ topic }) => topic),
                );
            });
        });
    }

    /** Rejects if the broker is away or refuses it. Nothing is queued: a late wish would surprise. */
    publish(
        topic: string,
        payload: string,
        properties: NonNullable<IPublishPacket["properties"]> = {},
        retain = false,
    ): Promise<void> {
        return new Promise((resolve, reject) => {
            if (!this.client || !this.isLive) return reject(new Error("the broker is away; nothing was sent"));
            this.client.publish(topic, payload, { qos: 1, retain, properties }, (error) => {
                if ((error as { code?: number } | null)?.code === NOT_ALLOWED)
                    reject(new Error("the broker does not allow you to send this"));
                else if (error) reject(new Error(`the broker refused it: ${error.message}`));
                else if (this.unheard.delete(id)) reject(new Error("nobody listens there; is the node online?"));
                else resolve();
            });
            const id = this.client.getLastMessageId();
        });
    }

    private connect(): void {
        clearTimeout(this.timer);
        this.client?.end(true);
        this.enter("connecting", this.reason);
        const client = new MqttClient(brokerUrl(), this.options());
        this.client = client;
        client.on("connect", () => this.client === client && this.onConnect());
        client.on("message", (topic, payload, packet) => this.events.message(topic, payload, packet));
        client.on("packetreceive", (packet) => {
            // `mqtt` keeps this code from whoever published.
            if (packet.cmd === "puback" && packet.reasonCode === NOBODY_LISTENS) this.unheard.add(packet.messageId);
        });
        client.on("error", (error) => this.client === client && this.onError(error));
        client.on("close", () => this.client === client && this.onClose());
    }

    private options(): IClientOptions {
        return {
            protocolVersion: 5,
            clientId: this.clientId,
            clean: true,
            keepalive: 30,
            connectTimeout: 10000,
            reconnectPeriod: 0, // by us, with a growing wait
            resubscribe: false,
            queueQoSZero: false,
            timerVariant: "native",
            ...(this.credentials ?? {}),
        };
    }

    private onConnect(): void {
        this.liveSinceMs = Date.now();
        this.session++;
        this.enter("live", "");
        this.events.live();
    }

    private onError(error: Error & { code?: number | string }): void {
        if (typeof error.code === "number" && REFUSED.has(error.code)) {
            const asked = this.credentials !== null;
            this.client?.end(true);
            this.client = null;
            this.enter("refused", asked ? "The broker does not accept this name and password." : "");
        } else {
            this.reason = error.message.slice(0, REASON_AT_MOST);
        }
    }

    private onClose(): void {
        if (this.phase === "live" && Date.now() - this.liveSinceMs > STABLE_MS) this.waitMs = FIRST_WAIT_MS;
        const wait = this.waitMs * (0.75 + Math.random() / 2);
        this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
        this.client?.end(true);
        this.client = null;
        this.retryAtMs = Date.now() + wait;
        this.enter("waiting", this.reason);
        this.timer = setTimeout(() => this.connect(), wait);
    }

    private enter(phase: Phase, reason: string): void {
        this.phase = phase;
        this.reason = reason;
        this.events.changed();
    }
}

export function randomId(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(6));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
