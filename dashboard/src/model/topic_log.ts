/* What the inspector has seen, bounded: so many topics, and of each the newest payload, cut to a size. */

export interface Seen {
  readonly topic: string;
  payload: string;
  /** Of the whole payload. */
  bytes: number;
  count: number;
  atMs: number;
  qos: number;
  retained: boolean;
  properties: string[];
}

export class TopicLog {
  readonly topics = new Map<string, Seen>();
  /** Topics that had no room. */
  refused = 0;
  /** Grows when a topic comes. */
  revision = 0;

  constructor(private readonly capacity: number, private readonly payloadBytes: number) {}

  add(topic: string, payload: Uint8Array, packet: { qos: number; retain: boolean; properties?: object }, nowMs: number): void {
    let seen = this.topics.get(topic);
    if (!seen) {
      if (this.topics.size >= this.capacity) {
        this.refused++;
        return;
      }
      seen = { topic, payload: "", bytes: 0, count: 0, atMs: 0, qos: 0, retained: false, properties: [] };
      this.topics.set(topic, seen);
      this.revision++;
    }
    seen.payload = new TextDecoder().decode(payload.subarray(0, this.payloadBytes));
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
    this.revision++;
  }
}

function describe(properties: object): string[] {
  return Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value instanceof Uint8Array ? new TextDecoder().decode(value) : JSON.stringify(value)}`);
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
