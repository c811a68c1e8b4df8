/* A sentence for a moment: what a click led to. */

import { h } from "./dom.ts";
import { shape, type ShapeName } from "./icons.ts";

const SHOWN_MS = 6000;
const AT_MOST = 3;

const stack = h("div", { class: "toasts", role: "status", "aria-live": "polite" });

export function toastStack(): HTMLElement {
    return stack;
}

export function toast(text: string, tone: ShapeName = "good"): void {
    const item = h("div", { class: `toast ${tone}` }, shape(tone), h("span", {}, text));
    stack.append(item);
    while (stack.childElementCount > AT_MOST) stack.firstElementChild!.remove();
    setTimeout(() => item.remove(), SHOWN_MS);
}

/** Tells when it could not be done; success shows itself in the state that comes back. */
export function report(what: string, action: Promise<unknown>): Promise<boolean> {
    return action.then(
        () => true,
        (error: Error) => {
            toast(`${what}: ${error.message}`, "bad");
            return false;
        },
    );
}
