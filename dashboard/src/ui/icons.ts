/* Icons as paths in a 24 x 24 grid, drawn with the text's colour. */

const NAMESPACE = "http://www.w3.org/2000/svg";

const STROKES = {
    overview: "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z",
    signals: "M3 12h4l2.5-7 4 14 2.5-7h5",
    chart: "M4 4v16h16M7 15l4-5 3 3 5-7",
    devices: "M8 4v5M16 4v5M6 9h12v3a6 6 0 0 1-12 0zM12 18v3",
    alarms: "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4",
    automation: "M5 6h9M18 6h1M5 12h1M10 12h9M5 18h7M16 18h3M16 4v4M8 10v4M14 16v4",
    system: "M4 5h16v6H4zM4 13h16v6H4zM8 8h.01M8 16h.01",
    topics: "M5 4v14h5M5 9h5M13 7h6v4h-6zM13 16h6v4h-6z",
    more: "M5 12h.01M12 12h.01M19 12h.01",
    search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20",
    close: "M6 6l12 12M18 6 6 18",
    star: "M12 4l2.4 5.2 5.6.6-4.2 3.8 1.2 5.6-5-2.9-5 2.9 1.2-5.6L4 9.8l5.6-.6z",
    chevron: "M9 6l6 6-6 6",
    check: "M5 12.5l4.5 4.5L19 7.5",
    question: "M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 1.9M12 17h.01",
    light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M5 19l1.4-1.4M17.6 6.4 19 5",
    dark: "M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z",
    auto: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
    pause: "M8 5v14M16 5v14",
    play: "M8 5l10 7-10 7z",
    plus: "M12 5v14M5 12h14",
    minus: "M5 12h14",
    left: "M14 6l-6 6 6 6",
    right: "M10 6l6 6-6 6",
} as const;

/** Filled shapes: a status is told by its shape as well as by its colour. */
const SHAPES = {
    good: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
    warn: "M12 3l10 18H2z",
    bad: "M12 2l10 10-10 10L2 12z",
    off: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zm0 3.5a5 5 0 1 1 0 10 5 5 0 0 1 0-10z",
    quiet: "M4 10h16v4H4z",
} as const;

export type IconName = keyof typeof STROKES;
export type ShapeName = keyof typeof SHAPES;

function svg(path: string, name: string): SVGSVGElement {
    const root = document.createElementNS(NAMESPACE, "svg"),
        drawing = document.createElementNS(NAMESPACE, "path");
    root.setAttribute("viewBox", "0 0 24 24");
    root.setAttribute("class", name);
    root.setAttribute("aria-hidden", "true");
    drawing.setAttribute("d", path);
    root.append(drawing);
    return root;
}

export function icon(name: IconName): SVGSVGElement {
    return svg(STROKES[name], "icon");
}

export function shape(name: ShapeName): SVGSVGElement {
    return svg(SHAPES[name], "shape");
}

export function setShape(drawing: SVGSVGElement, name: ShapeName): void {
    const path = drawing.firstElementChild!;
    if (path.getAttribute("d") !== SHAPES[name]) path.setAttribute("d", SHAPES[name]);
}
