/*
 * What the inspector has seen, bounded: so many topics, and of each the newest payload, cut to a size. Once
 * all payloads together are large, new ones are cut to a glance.
 */

export interface Seen {
    readonly topic: string;
    payload: string;
    isCut: boolean;
    /** Of the whole payload. */
    bytes: number;
    count: number;
    atMs: number;
    qos: number;
    retained: boolean;
    properties: string[];
}

export interface TopicLogLimits {
    topics: number;
    payloadBytes: number;
    allBytes: number;
}

const GLANCE_BYTES = 200;

export class TopicLog {
    readonly topics = new Map<string, Seen>();
    /** Topics that had no room. */
    refused = 0;
    /** Grows when a topic comes. */
    revision = 0;

    private kept = 0;

    constructor(private readonly limits: TopicLogLimits) {}

    add(
        topic: string,
        payload: Uint8Array,
        packet: { qos: number; retain: boolean; properties?: object },
        nowMs: number,
    ): void {
        let seen = this.topics.get(topic);
        if (!seen) {
            if (this.topics.size >= this.limits.topics) {
                this.refused++;
                return;
            }
            seen = {
                topic,
                payload: "",
                isCut: false,
                bytes: 0,
                count: 0,
                atMs: 0,
                qos: 0,
                retained: false,
                properties: [],
            };
            this.topics.set(topic, seen);
            this.revision++;
        }
        this.kept -= seen.payload.length;
        const room = this.kept < this.limits.allBytes ? this.limits.payloadBytes : GLANCE_BYTES;
        seen.payload = new TextDecoder().decode(payload.subarray(0, room));
        seen.isCut = payload.length > room;
        this.kept += seen.payload.length;
        seen.bytes = payload.length;
        seen.count++;
        seen.atMs = nowMs;
        seen.qos = packet.qos;
        seen.retained = packet.retain;
        seen.properties = describe(packet.properties ?? {});
    }

    clear(): void {
        this.topics.clear();
        this.refused = 0;
        this.kept = 0;
        this.revision++;
    }
}

function describe(properties: object): string[] {
    return Object.entries(properties)
        .filter(([, value]) => value !== undefined)
        .map(
            ([name, value]) =>
                `${name}: ${value instanceof Uint8Array ? new TextDecoder().decode(value) : JSON.stringify(value)}`,
        );
}

/** JSON with indents; anything else as it came. */
export function prettyPayload(payload: string): string {
    try {
        const json: unknown = JSON.parse(payload);
        return typeof json === "object" && json !== null ? JSON.stringify(json, null, 2) : payload;
    } catch {
        return payload;
    }
}
