/* The drawing of a chart: uPlot with an axis per unit, in the page's colours. */

import uPlot from "uplot";
import { formatNumber } from "../model/format.ts";
import type { Points } from "../model/series.ts";
import { colour } from "../ui/preferences.ts";
import type { ChartLine } from "./chart_line.ts";

const AXES_AT_MOST = 2;
const SERIES_COLOURS = 8;

export interface PlotEvents {
    zoom(from: number, to: number): void;
    reset(): void;
    /** Index into the data under the pointer, or null. */
    cursor(index: number | null): void;
}

export function seriesColour(index: number): string {
    return colour(`series-${(index % SERIES_COLOURS) + 1}`);
}

/** Signals with the same unit share a scale; one with labels has its own. */
function scaleOf({ key, signal }: ChartLine): string {
    return signal.labels ? `labels ${key}` : `unit ${signal.unit}`;
}

export class Plot {
    private readonly plot: uPlot;

    constructor(
        host: HTMLElement,
        lines: readonly ChartLine[],
        private readonly events: PlotEvents,
    ) {
        this.plot = new uPlot(this.options(host, lines), [[], ...lines.map(() => [])] as uPlot.AlignedData, host);
        this.plot.over.addEventListener("dblclick", () => events.reset());
    }

    set(points: readonly Points[], from: number, to: number): void {
        const tables = points.map(({ t, v }) => [t, v] as uPlot.AlignedData);
        const data =
            tables.length === 1
                ? tables[0]!
                : uPlot.join(
                      tables,
                      tables.map(() => [0, 2]),
                  );
        this.plot.batch(() => {
            this.plot.setData(data, false);
            this.plot.setScale("x", { min: from, max: to });
        });
        // What lies under the pointer has changed, though the pointer has not.
        const { left = -1, top = -1 } = this.plot.cursor;
        if (left >= 0) this.plot.setCursor({ left, top });
    }

    /** The value of a line at an index: the last one before, where it has none there. */
    at(line: number, index: number): { t: number; v: number } | null {
        const t = this.plot.data[0],
            v = this.plot.data[line + 1];
        for (let i = Math.min(index, t.length - 1); v && i >= 0; i--) {
            const value = v[i];
            if (value !== undefined && value !== null) return { t: t[i]!, v: value };
            if (value === null) return null;
        }
        return null;
    }

    resize(width: number, height: number): void {
        if (width > 0 && (width !== this.plot.width || height !== this.plot.height))
            this.plot.setSize({ width, height });
    }

    destroy(): void {
        this.plot.destroy();
    }

    private options(host: HTMLElement, lines: readonly ChartLine[]): uPlot.Options {
        const scales = [...new Set(lines.map(scaleOf))];
        return {
            width: Math.max(200, host.clientWidth),
            height: Math.max(160, host.clientHeight),
            legend: { show: false },
            cursor: { drag: { x: true, y: false, setScale: false, dist: 8 }, points: { size: 7 } },
            scales: { x: { time: true }, ...Object.fromEntries(scales.map((name) => [name, { range: padded }])) },
            axes: [timeAxis(), ...scales.slice(0, AXES_AT_MOST).map((name, i) => valueAxis(name, i, lines))],
            series: [{}, ...lines.map((line, i) => seriesOf(line, i))],
            hooks: {
                setSelect: [(u) => this.onSelect(u)],
                setCursor: [(u) => this.events.cursor(u.cursor.idx ?? null)],
            },
        };
    }

    private onSelect(u: uPlot): void {
        if (u.select.width < 4) return;
        this.events.zoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
        u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    }
}

function seriesOf(line: ChartLine, index: number): uPlot.Series {
    const { signal } = line;
    const series: uPlot.Series = {
        label: signal.name,
        scale: scaleOf(line),
        stroke: seriesColour(index),
        width: 1.75,
        points: { show: false },
        spanGaps: false,
    };
    return signal.labels ? { ...series, paths: uPlot.paths.stepped!({ align: 1 }) } : series;
}

const FONT = "12px system-ui, sans-serif";

function timeAxis(): uPlot.Axis {
    return {
        stroke: () => colour("soft"),
        font: FONT,
        grid: { stroke: () => colour("grid"), width: 1 },
        ticks: { show: false },
        space: 70,
        size: 44,
        values: [
            [86400, "{YYYY}-{MM}-{DD}", null, null, null, null, null, null, 0],
            [3600, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, null, null, null, null, 1],
            [60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, null, null, null, null, 1],
            [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1],
            [0.001, "{HH}:{mm}:{ss}.{fff}", null, null, null, null, null, null, 1],
        ],
    };
}

function valueAxis(scale: string, index: number, lines: readonly ChartLine[]): uPlot.Axis {
    const own = lines.filter((line) => scaleOf(line) === scale),
        { signal } = own[0]!;
    const labels = signal.labels;
    const axis: uPlot.Axis = {
        scale,
        side: index === 0 ? 3 : 1,
        // In the colour of its only line, so that it is clear whose axis it is.
        stroke: () => (own.length === 1 && lines.length > 1 ? seriesColour(lines.indexOf(own[0]!)) : colour("soft")),
        font: FONT,
        grid: { show: index === 0, stroke: () => colour("grid"), width: 1 },
        ticks: { show: false },
        size: (_u, values) => 18 + 7.2 * Math.max(3, ...(values ?? []).map((text) => String(text ?? "").length)),
        values: (_u, splits) => splits.map((value) => (labels ? (labels.get(value) ?? "") : formatNumber(value))),
    };
    if (labels) return { ...axis, splits: () => [...labels.keys()] };
    return signal.unit === "" ? axis : { ...axis, label: signal.unit, labelSize: 20, labelFont: FONT, labelGap: 2 };
}

/** A tenth of air above and below; a constant is a line in the middle. */
function padded(_u: uPlot, min: number | null, max: number | null): [number, number] {
    if (min === null || max === null) return [0, 1];
    const span = max - min,
        pad = span > 0 ? span * 0.1 : Math.max(Math.abs(max) * 0.02, 0.5);
    return [min - pad, max + pad];
}
