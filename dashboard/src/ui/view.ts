/* What all views share. */

import type { Connection } from "../mqtt/connection.ts";
import type { Asker } from "../mqtt/ask.ts";
import type { Store } from "../model/store.ts";
import type { TrendFiller } from "../views/trend_filler.ts";
import type { Entity } from "../model/entities.ts";

export interface Context {
    readonly store: Store;
    readonly connection: Connection;
    readonly asker: Asker;
    readonly trends: TrendFiller;
    /** What scrolls: the views lie in it. */
    readonly scroller: HTMLElement;
    /** Only parts of this site are shown; null: of all. */
    site(): string | null;
    navigate(path: string): void;
}

export interface View {
    readonly title: string;
    readonly root: HTMLElement;
    /** It is shown from now on; `query` is what its address holds after "?". */
    show?(query: URLSearchParams): void;
    hide?(): void;
    /** At every beat while it is shown. */
    update(nowMs: number): void;
}

export function ofSite<T extends Entity>(context: Context, parts: Iterable<T>): T[] {
    const site = context.site();
    const found: T[] = [];
    for (const part of parts) if (site === null || part.place.site === site) found.push(part);
    return found.sort((a, b) => a.key.localeCompare(b.key));
}

/** Whether ids need their site in front to be told apart. */
export function manySites(store: Store): boolean {
    const sites = new Set<string>();
    for (const { place } of store.nodes.values()) sites.add(`${place.prefix}/${place.site}`);
    return sites.size > 1;
}
