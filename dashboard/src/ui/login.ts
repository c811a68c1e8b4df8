/* Asked where the broker wants a name and a password. They are kept in this tab only. */

import type { Credentials } from "../mqtt/connection.ts";
import { h, setHidden, setText } from "./dom.ts";
import { shape } from "./icons.ts";

const KEY = "edge.credentials";

export function rememberedCredentials(): Credentials | null {
    try {
        const text = sessionStorage.getItem(KEY);
        return text === null ? null : (JSON.parse(text) as Credentials);
    } catch {
        return null;
    }
}

export function rememberCredentials(credentials: Credentials | null): void {
    try {
        if (credentials) sessionStorage.setItem(KEY, JSON.stringify(credentials));
        else sessionStorage.removeItem(KEY);
    } catch {
        // asked again after a reload, then
    }
}

export class Login {
    readonly root: HTMLElement;
    private readonly username = h("input", {
        name: "username",
        autocomplete: "username",
        autocapitalize: "off",
        spellcheck: "false",
        required: true,
    });
    private readonly password = h("input", { name: "password", type: "password", autocomplete: "current-password" });
    private readonly failure = h("p", { class: "failure", role: "alert" });
    private readonly failureText = h("span");
    private readonly button = h("button", { class: "primary" }, "Log in");

    constructor(submit: (credentials: Credentials) => void) {
        this.failure.append(shape("bad"), this.failureText);
        const onsubmit = (event: Event): void => {
            event.preventDefault();
            submit({ username: this.username.value, password: this.password.value });
        };
        this.root = h(
            "div",
            { class: "login", hidden: true },
            h(
                "form",
                { class: "card", onsubmit, "aria-label": "Log in" },
                h("h1", {}, "Log in"),
                h("p", { class: "soft" }, `The broker at ${location.host} asks who you are.`),
                h("label", {}, "Name", this.username),
                h("label", {}, "Password", this.password),
                this.failure,
                this.button,
            ),
        );
    }

    /** `checking`: the broker has been asked. */
    show(shown: boolean, failure: string, checking: boolean): void {
        const appears = shown && this.root.hidden;
        setHidden(this.root, !shown);
        setText(this.failureText, failure);
        setHidden(this.failure, failure === "" || checking);
        this.button.disabled = checking;
        setText(this.button, checking ? "Asking …" : "Log in");
        if (appears) this.username.focus();
        else if (failure !== "" && !checking && document.activeElement === document.body) this.password.focus();
    }
}
