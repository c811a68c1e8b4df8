/* Every device that an automation node drives. */

import type { DeviceEntity } from "../model/entities.ts";
import { matcher } from "../model/search.ts";
import { h, KeyedList, setHidden, setText } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { manySites, ofSite, type Context, type View } from "../ui/view.ts";
import { DeviceCard } from "./device_card.ts";

const SEARCH_FROM = 8; // fewer are seen at a glance

export class DevicesView implements View {
    readonly title = "Devices";
    readonly root: HTMLElement;
    private readonly cards: KeyedList<DeviceEntity>;
    private readonly empty = h("div", { class: "empty" });
    private readonly search: HTMLInputElement;
    private readonly toolbar: HTMLElement;

    constructor(private readonly context: Context) {
        const grid = h("div", { class: "cards" });
        this.search = h("input", { type: "search", placeholder: "Search devices", "aria-label": "Search devices" });
        this.toolbar = h("div", { class: "toolbar" }, h("label", { class: "searchbox" }, icon("search"), this.search));
        this.cards = new KeyedList(
            grid,
            ({ key }) => key,
            (device) => new DeviceCard(context, device, manySites(context.store)),
        );
        this.root = h("section", { class: "view devices" }, this.toolbar, grid, this.empty);
    }

    update(nowMs: number): void {
        const all = ofSite(this.context, this.context.store.devices.values()),
            matches = matcher(this.search.value);
        const shown = all.filter(({ id, state }) => matches(`${id} ${state.source} ${state.value}`));
        setHidden(this.toolbar, all.length < SEARCH_FROM);
        this.cards.sync(shown, nowMs);
        setHidden(this.empty, shown.length > 0);
        setText(
            this.empty,
            all.length === 0
                ? "No device yet. They appear as soon as an automation node announces them."
                : "No device matches.",
        );
    }
}
