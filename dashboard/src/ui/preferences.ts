/* What this browser remembers. It works without, too: storage may be forbidden. */

export type Theme = "auto" | "light" | "dark";

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const colours = new Map<string, string>(); // of the theme, by name
systemIsDark.addEventListener("change", () => applyTheme(theme()));

function read(key: string): string | null {
    try {
        return localStorage.getItem(`edge.${key}`);
    } catch {
        return null;
    }
}

function write(key: string, value: string): void {
    try {
        localStorage.setItem(`edge.${key}`, value);
    } catch {
        // only until the page is closed, then
    }
}

export function theme(): Theme {
    const value = read("theme");
    return value === "light" || value === "dark" ? value : "auto";
}

export function applyTheme(value: Theme): void {
    write("theme", value);
    document.documentElement.dataset["theme"] = value !== "auto" ? value : systemIsDark.matches ? "dark" : "light";
    colours.clear();
}

// --- signals that somebody marked with a star

const starred = new Set<string>((read("starred") ?? "").split(" ").filter(Boolean));

export function isStarred(key: string): boolean {
    return starred.has(key);
}

export function stars(): ReadonlySet<string> {
    return starred;
}

export function toggleStar(key: string): void {
    if (!starred.delete(key)) starred.add(key);
    write("starred", [...starred].join(" "));
}

// --- colours for canvases, which know no CSS variables

export function colour(name: string): string {
    let value = colours.get(name);
    if (value === undefined) {
        value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
        colours.set(name, value);
    }
    return value;
}
