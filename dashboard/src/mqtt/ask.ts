/*
 * Questions to a node (docs/requests.md): published on request/<verb>, answered in chunks on a topic of
 * our own. Where the broker does not let us have one, on response/<verb>, which all share; a
 * transaction tells whose answer it is either way.
 */

import type { Connection } from "./connection.ts";
import { answerTopic, requestTopic, responseTopic, type Place } from "../model/topic.ts";
import { asObject, asText, parseObject, type Json } from "../model/wire.ts";

const PATIENCE_MS = 15000; // for the next chunk
const CHUNKS_AT_MOST = 4096;

interface Question {
    chunks: Json[];
    timer: ReturnType<typeof setTimeout>;
    resolve(chunks: Json[]): void;
    reject(error: Error): void;
}

export class Asker {
    private readonly questions = new Map<string, Question>();
    private readonly own = new Map<string, Promise<string | null>>(); // prefix/site: our topic, null: refused
    private readonly shared = new Set<string>();
    private count = 0;

    constructor(private readonly connection: Connection) {}

    /** A new connection has no subscriptions, and nobody answers what the old one asked. */
    reset(): void {
        this.own.clear();
        this.shared.clear();
        for (const key of [...this.questions.keys()]) this.fail(key, "the connection was lost");
    }

    /** The `data` of every chunk, in order. */
    async ask(place: Place, node: string, verb: string, what: Json): Promise<Json[]> {
        if (!this.connection.isLive) throw new Error("the broker is away");
        const transaction = `${this.connection.clientId}-${++this.count}`;
        const responseTo = await this.answerTopic(place, node, verb);
        const answer = new Promise<Json[]>((resolve, reject) => {
            this.questions.set(transaction, { chunks: [], timer: this.patience(transaction), resolve, reject });
        });
        const properties = responseTo === null ? {} : { responseTopic: responseTo, messageExpiryInterval: 30 };
        this.connection
            .publish(requestTopic(place, node, verb), JSON.stringify({ ...what, transaction }), properties)
            .catch((error: Error) => this.fail(transaction, error.message));
        return answer;
    }

    /** True if the message was an answer. */
    take(topic: string, payload: string): boolean {
        if (!topic.includes("/answers/") && !topic.includes("/response/")) return false;
        const json = parseObject(payload),
            key = asText(json?.["transaction"]),
            question = this.questions.get(key);
        if (!json || !question) return true;
        if (json["status"] !== "ok") {
            this.fail(key, asText(json["error"], "it was refused"));
        } else if (json["seq"] !== undefined && json["seq"] !== question.chunks.length) {
            this.fail(key, "a part of the answer was lost; ask again");
        } else {
            this.accept(key, question, json);
        }
        return true;
    }

    private accept(key: string, question: Question, json: Json): void {
        clearTimeout(question.timer);
        question.chunks.push(asObject(json["data"]));
        if (json["last"] === true || json["seq"] === undefined) {
            this.questions.delete(key);
            question.resolve(question.chunks);
        } else if (question.chunks.length >= CHUNKS_AT_MOST) {
            this.fail(key, "the answer is too long");
        } else {
            question.timer = this.patience(key);
        }
    }

    private async answerTopic(place: Place, node: string, verb: string): Promise<string | null> {
        const site = `${place.prefix}/${place.site}`;
        if (!this.own.has(site)) this.own.set(site, this.openOwn(answerTopic(place, this.connection)));
        const own = await this.own.get(site)!;
        if (own !== null) return own;
        const shared = responseTopic(place, node, verb);
        if (!this.shared.has(shared)) {
            this.shared.add(shared);
            await this.connection.subscribe([{ topic: shared, qos: 1 }]);
        }
        return null;
    }

    private async openOwn(topic: string): Promise<string | null> {
        return (await this.connection.subscribe([{ topic, qos: 1 }])).length === 0 ? topic : null;
    }

    private patience(key: string): ReturnType<typeof setTimeout> {
        return setTimeout(() => this.fail(key, "no answer; is the node online?"), PATIENCE_MS);
    }

    private fail(key: string, why: string): void {
        const question = this.questions.get(key);
        if (!question) return;
        clearTimeout(question.timer);
        this.questions.delete(key);
        question.reject(new Error(why));
    }
}
