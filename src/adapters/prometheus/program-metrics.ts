import { collectDefaultMetrics, Registry } from 'prom-client';
import { programMetrics } from '../../api/index.ts';
import { EventLoopDelay } from './event-loop-delay.ts';
import { shown } from './instruments.ts';

export interface Program {
  readonly program: 'agent' | 'controller';
  readonly version: string;
}

const { build, resident, delayP50, delayP99, delayMax, ...shared } = programMetrics;
/** Of prom-client's own metrics the ones that the catalogue has: not all of the rest keep Prometheus' rules for names. */
const kept: ReadonlySet<string> = new Set(Object.values(shared).map(({ name }) => name));

/**
 * What a program shows of itself. An agent has its memory and the delay of its event loop among the metrics that it sends
 * to the fleet, and shows them once.
 */
export function programRegistry({ program, version }: Program): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray())
    if (!kept.has(name) && !(program === 'controller' && name === resident.name))
      registry.removeSingleMetric(name);
  shown(registry, build, (put) => put(1, { program, version, node: process.version }));
  if (program === 'agent') return registry;
  const delay = new EventLoopDelay();
  shown(registry, delayP50, (put) => put(delay.read().p50));
  shown(registry, delayP99, (put) => put(delay.read().p99));
  shown(registry, delayMax, (put) => put(delay.read().max));
  return registry;
}
