/* `mqtt` keeps the topic aliases that it sends in a cache; this page sends none, so that it stays empty. */

export class LRUCache extends Map<unknown, unknown> {
    constructor() {
        super();
    }
}
