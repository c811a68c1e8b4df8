/* Elements without a framework. Text is always set as text: what comes over MQTT is foreign. */

export type Child = Node | string | null | undefined | false;
type Attributes = Record<string, unknown>;

/**
 * h("button", { class: "plain", onclick: f, disabled: true, "aria-label": "…" }, "text", child).
 * Functions under `on…` become listeners, true an empty attribute; false, null and undefined none.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Attributes = {},
    ...children: Child[]
): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === false || value === null || value === undefined) continue;
        if (name.startsWith("on") && typeof value === "function") {
            element.addEventListener(name.slice(2), value as EventListener);
        } else {
            element.setAttribute(name, value === true ? "" : String(value));
        }
    }
    for (const child of children) if (child) element.append(child);
    return element;
}

/** Touches the document only where something changed. */
export function setText(element: Element, text: string): void {
    const first = element.firstChild;
    if (first && first === element.lastChild && first.nodeType === Node.TEXT_NODE) {
        if (first.nodeValue !== text) first.nodeValue = text;
    } else if (first || text !== "") {
        element.textContent = text;
    }
}

export function setAttribute(element: Element, name: string, value: string | null): void {
    if (element.getAttribute(name) === value) return;
    if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value);
}

export function setClass(element: Element, name: string): void {
    if (element.className !== name) element.className = name;
}

export function setHidden(element: HTMLElement, hidden: boolean): void {
    if (element.hidden !== hidden) element.hidden = hidden;
}

export interface Part<T> {
    root: HTMLElement;
    update(item: T, nowMs: number): void;
}

/** The children of `parent`, one for each item, made once and moved only where their order changed. */
export class KeyedList<T> {
    private parts = new Map<string, Part<T>>();

    constructor(
        private readonly parent: HTMLElement,
        private readonly keyOf: (item: T) => string,
        private readonly make: (item: T) => Part<T>,
    ) {}

    sync(items: readonly T[], nowMs: number): void {
        const kept = new Map<string, Part<T>>();
        let next = this.parent.firstElementChild;
        for (const item of items) {
            const key = this.keyOf(item),
                part = this.parts.get(key) ?? this.make(item);
            part.update(item, nowMs);
            kept.set(key, part);
            if (part.root === next) next = next.nextElementSibling;
            else this.parent.insertBefore(part.root, next);
        }
        for (const [key, part] of this.parts) if (kept.get(key) !== part) part.root.remove();
        this.parts = kept;
    }
}
