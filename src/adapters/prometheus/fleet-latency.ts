import { controllerMetrics } from '../../api/index.ts';
import type { ExponentialHistogram } from '../../base/index.ts';
import type { FleetController } from '../../controller/index.ts';
import { onlineOf } from './device-metrics.ts';

/* Written by hand: the library's histogram counts by itself, and these were counted on the devices. */

type Labels = Readonly<Record<string, string>>;

interface Counted {
  readonly labels: Labels;
  readonly counts: ExponentialHistogram;
}

/** Edges of the devices' own buckets, so that nothing is lost between them: 2 ms to 8 s. */
const edges = Array.from({ length: 13 }, (_, i) => 2 ** (i - 9));
const maxSeries = 8_000;

/** Of every camera, under the name that its agent has for it. */
export function latencyText(registry: FleetController['registry']): string {
  const counted = onlineOf(registry).flatMap((device) =>
    [...device.latest.values()].flatMap(({ vital, total, series }) =>
      vital !== 'latency' || total === undefined
        ? []
        : [{ labels: { device: device.id, ...series.labels }, counts: total }],
    ),
  );
  const { name, help } = controllerMetrics.deviceLatency;
  return histogramText(name, help, counted.slice(0, maxSeries));
}

function histogramText(name: string, help: string, counted: readonly Counted[]): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
  for (const { labels, counts } of counted) {
    const own = Object.entries(labels)
      .map(([label, value]) => `${label}="${escapeLabel(value)}"`)
      .join(',');
    for (const edge of edges) lines.push(`${name}_bucket{${own},le="${edge}"} ${counts.countAtMost(edge)}`);
    lines.push(`${name}_bucket{${own},le="+Inf"} ${counts.count}`);
    lines.push(`${name}_sum{${own}} ${counts.sum}`, `${name}_count{${own}} ${counts.count}`);
  }
  return `${lines.join('\n')}\n`;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
