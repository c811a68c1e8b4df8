/* Numbers, ages and times as people read them. All pure; widths stay steady, so that nothing jumps. */

const NARROW_SPACE = "\u202f";
export const NO_VALUE = "–";

function grouped(digits: string): string {
    return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+(?!\d))/g, NARROW_SPACE);
}

/** With `decimals` places; without, as many as six significant digits need. */
export function formatNumber(value: number, decimals?: number): string {
    if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : NO_VALUE;
    const size = Math.abs(value);
    if (size !== 0 && (size >= 1e12 || size < 1e-6)) return value.toExponential(3).replace("-", "−");
    const text = decimals === undefined ? String(Number(size.toPrecision(6))) : size.toFixed(Math.min(decimals, 9));
    const [whole = "", fraction] = text.split(".");
    const sign = value < 0 && Number(text) !== 0 ? "−" : "";
    return sign + grouped(whole) + (fraction === undefined ? "" : `.${fraction}`);
}

export function formatValue(value: unknown, decimals?: number): string {
    if (value === null || value === undefined || value === "") return NO_VALUE;
    if (typeof value === "number") return formatNumber(value, decimals);
    if (typeof value === "boolean") return value ? "on" : "off";
    return String(value);
}

/** How long ago, in the coarsest unit that still says something. */
export function formatAge(seconds: number): string {
    if (!Number.isFinite(seconds)) return NO_VALUE;
    if (seconds < 1.5) return "now";
    if (seconds < 99.5) return `${Math.round(seconds)} s`;
    if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
    if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
    return `${Math.round(seconds / 86400)} d`;
}

/** A time that runs down or goes on: 0:42, 9:58, 2 h 05 min, 3 d 4 h. */
export function formatDuration(seconds: number): string {
    const s = Math.max(0, Math.round(seconds));
    const two = (n: number): string => String(n).padStart(2, "0");
    if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`;
    if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
    return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** A time of day; with its date where that is not today's. */
export function formatTime(seconds: number, nowMs: number): string {
    const date = new Date(seconds * 1000),
        now = new Date(nowMs);
    const two = (n: number): string => String(n).padStart(2, "0");
    const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    if (date.toDateString() === now.toDateString()) return time;
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

export function formatBytes(bytes: number): string {
    if (bytes < 1000) return `${bytes} B`;
    if (bytes < 1e6) return `${formatNumber(bytes / 1000, 1)} kB`;
    return `${formatNumber(bytes / 1e6, 1)} MB`;
}

/** `air_when_hot` as words. */
export function humanize(id: string): string {
    const words = id.replace(/[_-]+/g, " ").trim();
    return words === "" ? id : words.charAt(0).toUpperCase() + words.slice(1);
}

/** `OutsideTemperature` as words: camel case and underscores are how DBC files spell spaces. */
export function humanizeName(name: string): string {
    return humanize(name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2"));
}
