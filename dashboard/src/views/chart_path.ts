/* The address of a chart: it can be kept, and a reload shows the same. */

export function chartPath(keys: readonly string[], spanS?: number): string {
    const query = new URLSearchParams(keys.map((key) => ["s", key]));
    if (spanS !== undefined) query.set("span", String(spanS));
    return `/chart?${query}`;
}
