import {
  addHistogram,
  countAtMost,
  type Device,
  emptyHistogram,
  type Histogram,
} from '../../controller/index.ts';
import { mainSlot, metricNames } from '../../protocol/index.ts';

/* Written by hand: the library's histogram counts by itself, and these were counted on the devices. */

type Labels = Readonly<Record<string, string>>;

interface Counted {
  readonly labels: Labels;
  readonly counts: Histogram;
}

/** Edges of the devices' own buckets, so that nothing is lost between them: 2 ms to 8 s. */
const edges = Array.from({ length: 13 }, (_, i) => 2 ** (i - 9));
const maxSeries = 8_000;
const oldName = 'goshawk_device_capture_to_publish_seconds';

/** Of every camera, under the name that its agent has for it. */
export function latencyText(devices: readonly Device[]): string {
  const counted = devices.flatMap((device) =>
    [...device.latest.values()].flatMap(({ vital, total, series }) =>
      vital !== 'latency' || total === undefined
        ? []
        : [{ labels: { device: device.id, ...series.labels }, counts: total }],
    ),
  );
  const help = 'From the stamp of a frame to its published result, since the controller started';
  return histogramText(metricNames.latency, help, counted.slice(0, maxSeries));
}

/** The same under the name of an earlier version, all cameras of a model together; it goes with the next release. */
export function oldLatencyText(devices: readonly Device[]): string {
  return histogramText(
    oldName,
    `Old name of ${metricNames.latency}, which has a label for the camera too`,
    devices.flatMap(byModel),
  );
}

function byModel(device: Device): Counted[] {
  const serving = device.reported?.slots[mainSlot]?.loaded;
  const merged = new Map<string, Counted>();
  for (const { vital, total, series } of device.latest.values()) {
    if (vital !== 'latency' || total === undefined) continue;
    const labels = {
      device: device.id,
      model: series.labels.model ?? serving?.name ?? '',
      version: series.labels.version ?? serving?.version ?? '',
    };
    const key = JSON.stringify(labels);
    const found = merged.get(key) ?? { labels, counts: emptyHistogram() };
    merged.set(key, found);
    addHistogram(found.counts, total);
  }
  return [...merged.values()];
}

function histogramText(name: string, help: string, counted: readonly Counted[]): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
  for (const { labels, counts } of counted) {
    const own = Object.entries(labels)
      .map(([label, value]) => `${label}="${escapeLabel(value)}"`)
      .join(',');
    for (const edge of edges) lines.push(`${name}_bucket{${own},le="${edge}"} ${countAtMost(counts, edge)}`);
    lines.push(`${name}_bucket{${own},le="+Inf"} ${counts.count}`);
    lines.push(`${name}_sum{${own}} ${counts.sum}`, `${name}_count{${own}} ${counts.count}`);
  }
  return `${lines.join('\n')}\n`;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
