/*
 * A list of any length of which only the visible rows exist. Rows are recycled: each is told which item
 * it shows now. One row is current; the keyboard moves it, and the list stays one stop for Tab.
 */

import { h, setAttribute } from "./dom.ts";

const SPARE_ROWS = 4; // above and below what is seen

export interface VirtualRow<T> {
    root: HTMLElement;
    update(item: T, nowMs: number): void;
}

export interface VirtualListOptions<T> {
    label: string;
    rowHeight(): number;
    make(): VirtualRow<T>;
    /** Enter or a click on the row. */
    open(item: T): void;
    /** Space. */
    toggle?(item: T): void;
    /** The key "s". */
    star?(item: T): void;
}

let lists = 0;

export class VirtualList<T> {
    readonly root: HTMLElement;
    private readonly rows: { row: VirtualRow<T>; index: number }[] = [];
    private readonly id = `list-${++lists}`;
    private items: readonly T[] = [];
    private current = 0;

    constructor(
        private readonly options: VirtualListOptions<T>,
        private readonly scroller: HTMLElement,
    ) {
        this.root = h("div", { class: "virtual", role: "listbox", tabindex: "0", "aria-label": options.label });
        this.root.addEventListener("keydown", (event) => this.onKey(event));
        this.root.addEventListener("click", (event) => this.onClick(event));
        scroller.addEventListener("scroll", () => this.root.isConnected && this.update(Date.now()), { passive: true });
    }

    setItems(items: readonly T[]): void {
        this.items = items;
        this.current = Math.min(this.current, Math.max(0, items.length - 1));
    }

    update(nowMs: number): void {
        const height = this.options.rowHeight(),
            total = `${this.items.length * height}px`;
        if (this.root.style.height !== total) this.root.style.height = total;
        const top = this.scroller.getBoundingClientRect().top - this.root.getBoundingClientRect().top;
        const first = Math.max(0, Math.floor(top / height) - SPARE_ROWS);
        const seen = Math.ceil(this.scroller.clientHeight / height) + 2 * SPARE_ROWS;
        const count = Math.min(seen, Math.max(0, this.items.length - first));
        this.grow(count);
        for (let i = 0; i < this.rows.length; i++) {
            // A row keeps its item while that stays visible: index modulo the number of rows.
            const slot = this.rows[(first + i) % this.rows.length]!;
            if (i < count) this.place(slot, first + i, height, nowMs);
            else this.retire(slot);
        }
        setAttribute(this.root, "aria-activedescendant", this.items.length > 0 ? `${this.id}-${this.current}` : null);
    }

    private grow(count: number): void {
        while (this.rows.length < count) {
            const row = this.options.make();
            row.root.setAttribute("role", "option");
            this.root.append(row.root);
            this.rows.push({ row, index: -1 });
        }
    }

    private place(slot: { row: VirtualRow<T>; index: number }, index: number, height: number, nowMs: number): void {
        const { root } = slot.row;
        if (slot.index !== index) {
            slot.index = index;
            root.hidden = false;
            root.id = `${this.id}-${index}`;
            root.setAttribute("aria-setsize", String(this.items.length));
            root.setAttribute("aria-posinset", String(index + 1));
        }
        const transform = `translateY(${index * height}px)`;
        if (root.style.transform !== transform) root.style.transform = transform;
        slot.row.update(this.items[index]!, nowMs);
        root.classList.toggle("current", index === this.current);
    }

    private retire(slot: { row: VirtualRow<T>; index: number }): void {
        if (slot.index < 0) return;
        slot.index = -1;
        slot.row.root.hidden = true;
        slot.row.root.removeAttribute("id");
    }

    private onClick(event: MouseEvent): void {
        const target = event.target as Element;
        if (target.closest("button, input, a")) return;
        const slot = this.rows.find(({ row }) => row.root.contains(target));
        const item = slot && this.items[slot.index];
        if (!slot || item === undefined) return;
        this.current = slot.index;
        this.options.open(item);
    }

    private onKey(event: KeyboardEvent): void {
        if (event.target !== this.root || event.ctrlKey || event.metaKey || event.altKey) return;
        const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.options.rowHeight()) - 1);
        const moves: Record<string, number> = {
            ArrowDown: 1,
            ArrowUp: -1,
            PageDown: page,
            PageUp: -page,
            Home: -Infinity,
            End: Infinity,
        };
        const item = this.items[this.current],
            move = moves[event.key];
        if (move !== undefined) this.moveTo(this.current + move);
        else if (event.key === "Enter" && item !== undefined) this.options.open(item);
        else if (event.key === "s" && item !== undefined) this.options.star?.(item);
        else if (event.key === " " && item !== undefined) this.options.toggle?.(item);
        else return;
        event.preventDefault();
    }

    private moveTo(index: number): void {
        this.current = Math.min(Math.max(0, index), Math.max(0, this.items.length - 1));
        const height = this.options.rowHeight(),
            { scroller } = this;
        const top =
            this.root.getBoundingClientRect().top - scroller.getBoundingClientRect().top + this.current * height;
        const margin = 2 * height; // what sticks to the top would hide it
        if (top < margin) scroller.scrollTop += top - margin;
        else if (top > scroller.clientHeight - margin) scroller.scrollTop += top - scroller.clientHeight + margin;
        this.update(Date.now());
    }
}
