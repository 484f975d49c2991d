import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Answer } from '../api/use-answer.ts';
import { useValue } from '../observable/value.ts';
import { showWindow, type TimeWindow } from '../state/time-range.ts';
import { useWidth } from '../state/use-element.ts';
import type { ChartMark } from './chart-mark.ts';
import { formatTime } from './format.ts';
import { currentValue, type LineValues, valueAt } from './line-values.ts';
import { theme } from './theme.ts';
import { tickWords } from './time-axis.ts';
import { Empty, Loading } from './widgets.tsx';

export interface Line {
  readonly name: string;
  /** One of the chart colours of the theme, 1 to 4. */
  readonly color: 1 | 2 | 3 | 4;
  readonly values: LineValues;
  /** Fills down to zero: for parts that are stacked or a single line. */
  readonly fill?: boolean;
  /** What the others are compared with. */
  readonly dashed?: boolean;
}

export interface TimeChartProps {
  readonly label: string;
  /** Milliseconds since 1970, ascending. */
  readonly timeMs: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number | undefined) => string;
  /** Of this time, as far as it has come. */
  readonly history: Answer<TimeWindow | undefined>;
  readonly height?: number;
  /** Values of either sign, with zero in the middle; else from zero up. */
  readonly signed?: boolean;
  /** A line across at this value. */
  readonly mark?: number;
  /** Lines upright at a time: what happened then. */
  readonly events?: readonly ChartMark[];
  /** What would fill an empty chart. */
  readonly empty: string;
  /** What is missing in a chart that is not empty. */
  readonly note?: string | undefined;
}

const noTime: TimeWindow = { fromMs: 0, toMs: 1 };

/**
 * Lines over time with the newest value of each in the legend. The pointer reads any time, and draws over one to zoom: the
 * address has it, for all charts of the page.
 */
export function TimeChart(props: TimeChartProps): JSX.Element {
  const [measure, width] = useWidth<HTMLElement>();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const drawnTheme = useValue(theme);
  const height = props.height ?? 150;
  const shape = props.lines
    .map((line) => `${line.name}${line.color}${line.fill ?? ''}${line.dashed ?? ''}`)
    .join();
  const format = useRef(props.format);
  format.current = props.format;
  const events = useRef(props.events ?? []);
  events.current = props.events ?? [];
  const { timeMs, history } = props;
  const { fromMs, toMs } = history.data ?? noTime;
  const empty = timeMs.length === 0;

  useEffect(() => {
    const element = host.current;
    if (element === null || width === 0 || empty) return;
    const color = (name: string): string => getComputedStyle(element).getPropertyValue(name).trim();
    const axis = {
      stroke: color('--text-faint'),
      font: `11px ${getComputedStyle(element).fontFamily}`,
      grid: { stroke: color('--chart-grid'), width: 1 },
      ticks: { show: false },
    };
    const plot = new uPlot(
      {
        width,
        height,
        padding: [6, 2, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false, setScale: false } },
        scales: { y: { range: rangeOf(props) } },
        axes: [
          { ...axis, size: 24, gap: 4, values: (_plot, ticks) => tickWords(ticks) },
          {
            ...axis,
            size: 52,
            gap: 4,
            values: (_plot, ticks) => ticks.map((tick) => (tick === 0 ? '0' : format.current(tick))),
          },
        ],
        series: [
          {},
          ...props.lines.map((line) => ({
            label: line.name,
            stroke: color(`--chart-${line.color}`),
            width: 1.5,
            points: { show: false },
            ...(line.dashed ? { dash: [5, 4] } : {}),
            ...(line.fill ? { fill: `${color(`--chart-${line.color}`)}26` } : {}),
          })),
        ],
        hooks: {
          setSelect: [(plotted: uPlot) => zoomIn(plotted)],
          setCursor: [(plotted: uPlot) => setPointed(plotted.cursor.idx ?? undefined)],
          draw: [
            (plotted: uPlot) => drawEvents(plotted, events.current, (tone) => color(`--${tone}`)),
            (plotted: uPlot) => drawMark(plotted, props.mark, color('--error')),
          ],
        },
      },
      dataOf(props),
      element,
    );
    chart.current = plot;
    return () => {
      chart.current = undefined;
      plot.destroy();
    };
    // Data alone does not make a new chart: the effect below hands it over.
  }, [width, height, shape, drawnTheme, empty]);

  useEffect(() => {
    chart.current?.batch(() => {
      chart.current?.setData(dataOf(props), false);
      chart.current?.setScale('x', { min: fromMs / 1000, max: toMs / 1000 });
    });
  }, [timeMs, props.lines, fromMs, toMs, props.events, width, drawnTheme]);

  const near = nearest(props, pointed);
  const shown = (line: Line): number | undefined =>
    pointed === undefined
      ? currentValue(timeMs, line.values, fromMs, toMs)
      : valueAt(timeMs, line.values, pointed);
  return (
    <figure class="chart" ref={measure}>
      <figcaption class="chart-legend">
        <span class="chart-title">{props.label}</span>
        {props.lines.map((line) => (
          <span key={line.name} class="chart-key">
            <span
              class={`swatch swatch-${line.color}${line.dashed ? ' swatch-dashed' : ''}`}
              aria-hidden="true"
            />
            {line.name} <b>{props.format(shown(line))}</b>
          </span>
        ))}
      </figcaption>
      {props.note !== undefined && <p class="sub chart-note">{props.note}</p>}
      {near !== undefined && (
        <p class={`chart-event tone-${near.tone}`}>
          {formatTime(near.timeMs)} {near.text}
        </p>
      )}
      {empty && history.loading ? (
        <Loading what={props.label} />
      ) : empty && history.failure !== undefined ? (
        <Empty icon="error" title="The history could not be loaded">
          {history.failure.message}
        </Empty>
      ) : empty ? (
        <Empty icon="info" title="No data in this period">
          {props.empty}
        </Empty>
      ) : (
        <div ref={host} class="chart-plot" style={{ height: `${height}px` }} aria-hidden="true" />
      )}
    </figure>
  );
}

/** Shows what was drawn over with the pointer; a click draws over nothing. */
function zoomIn(plot: uPlot): void {
  const { left, width } = plot.select;
  if (width < 5) return;
  const timeAt = (x: number) => plot.posToVal(x, 'x') * 1000;
  showWindow({ fromMs: timeAt(left), toMs: timeAt(left + width) });
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}

function rangeOf({ signed = false, mark = 0 }: TimeChartProps) {
  return (_plot: uPlot, low: number, high: number): [number, number] => {
    const most = Math.max(high, mark);
    if (!signed) return [0, most > 0 ? most * 1.12 : 1];
    const size = Math.max(Math.abs(low), Math.abs(high), 1) * 1.12;
    return [-size, size];
  };
}

/** The mark that the pointer is on, within a fiftieth of the width. */
function nearest(
  { events = [], timeMs, history }: TimeChartProps,
  pointed: number | undefined,
): ChartMark | undefined {
  const at = pointed === undefined ? undefined : timeMs[pointed];
  if (at === undefined) return undefined;
  const { fromMs, toMs } = history.data ?? noTime;
  const reach = (toMs - fromMs) / 50;
  const away = (mark: ChartMark) => Math.abs(mark.timeMs - at);
  const [first] = [...events].sort((a, b) => away(a) - away(b));
  return first !== undefined && away(first) <= reach ? first : undefined;
}

function drawEvents(
  plot: uPlot,
  events: readonly ChartMark[],
  colorOf: (tone: ChartMark['tone']) => string,
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  for (const { timeMs, tone } of events) {
    const x = Math.round(plot.valToPos(timeMs / 1000, 'x', true)) + 0.5;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = colorOf(tone);
    ctx.fillStyle = ctx.strokeStyle;
    ctx.lineWidth = ratio;
    ctx.globalAlpha = 0.55;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.moveTo(x - 4 * ratio, bbox.top);
    ctx.lineTo(x + 4 * ratio, bbox.top);
    ctx.lineTo(x, bbox.top + 6 * ratio);
    ctx.fill();
  }
  ctx.restore();
}

function drawMark(plot: uPlot, mark: number | undefined, stroke: string): void {
  if (mark === undefined) return;
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(mark, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function dataOf(props: TimeChartProps): uPlot.AlignedData {
  return [props.timeMs.map((time) => time / 1000), ...props.lines.map((line) => [...line.values])];
}
