import type { FleetMetricQuery, MetricAnswer, MetricQuery } from '../../api/index.ts';
import { type Clock, InputError } from '../../base/index.ts';
import type { KnownDevices } from '../fleet/expect-device.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import type { Store } from '../store/store.ts';

export interface MetricsServicePorts {
  readonly registry: KnownDevices;
  readonly store: Pick<Store, 'metrics'>;
  readonly clock: Clock;
}

const maxPoints = 5_000;
const standardPoints = 240;
const standardRangeMs = 3_600_000;
/** Widths of a step that people use: whole seconds, minutes, hours, a day. */
const stepSeconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];

/** Metrics over time, of one device or merged over many. */
export class MetricsService {
  readonly #ports: MetricsServicePorts;

  constructor(ports: MetricsServicePorts) {
    this.#ports = ports;
  }

  async queryDevice(id: string, query: MetricQuery): Promise<MetricAnswer> {
    const device = await this.#ports.registry.expect(id);
    return this.#query([device.id], query);
  }

  queryFleet({ group, ...query }: FleetMetricQuery, view: FleetView = wholeFleet): Promise<MetricAnswer> {
    const members = group === undefined ? undefined : this.#ports.registry.membersOf(group);
    return this.#query(members?.filter(view.has) ?? view.ids(), query);
  }

  async #query(devices: readonly string[] | undefined, query: MetricQuery): Promise<MetricAnswer> {
    const range = rangeOf(query, this.#ports.clock.wallMs());
    const labels = readLabels(query.labels);
    const result = await this.#ports.store.metrics({ devices, name: query.name, labels, ...range });
    return { ...range, tier: result.tier, stepMs: result.stepMs, series: [...result.series] };
  }
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** InputError `range-empty` or `range-too-fine`. */
export function rangeOf(query: Pick<MetricQuery, 'from' | 'to' | 'step'>, nowMs: number): Range {
  const toMs = query.to ?? nowMs;
  const fromMs = query.from ?? toMs - standardRangeMs;
  const stepMs = query.step ?? roundStep((toMs - fromMs) / standardPoints);
  if (!(fromMs < toMs))
    throw new InputError('range-empty', '`from` is not before `to`.', 'Give milliseconds since 1970.');
  if ((toMs - fromMs) / stepMs > maxPoints)
    throw new InputError(
      'range-too-fine',
      `This asks for more than ${maxPoints} points.`,
      'Give a larger step or a shorter time.',
    );
  return { fromMs, toMs, stepMs };
}

/** The next width that people use; whole days above the widest. */
function roundStep(stepMs: number): number {
  const seconds = stepSeconds.find((width) => width * 1000 >= stepMs);
  return (seconds ?? Math.ceil(stepMs / 86_400_000) * 86_400) * 1000;
}

/** `camera=front,model=street`; InputError `labels-invalid`. */
export function readLabels(text: string | undefined): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const part of (text ?? '').split(',').filter((one) => one !== '')) {
    const at = part.indexOf('=');
    if (at < 1)
      throw new InputError(
        'labels-invalid',
        `"${part}" is not a label.`,
        'Write labels as camera=front,model=street.',
      );
    labels[part.slice(0, at)] = part.slice(at + 1);
  }
  return labels;
}
