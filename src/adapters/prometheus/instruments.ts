import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MetricRow } from '../../protocol/index.ts';

type Labels = Readonly<Record<string, string>>;
/** Sets the value of one series. */
export type Put = (value: number, labels?: Labels) => void;

const optionsOf = ({ name, help, labels }: MetricRow, registry: Registry) => ({
  name,
  help,
  labelNames: [...labels],
  registers: [registry],
});

/** A gauge or counter whose series are worked out when Prometheus asks; what `read` does not put is shown no more. */
export function shown(registry: Registry, row: MetricRow, read: (put: Put) => void): void {
  const options = optionsOf(row, registry);
  if (row.kind === 'counter')
    new Counter({
      ...options,
      collect() {
        this.reset();
        read((value, labels = {}) => this.inc(labels, value));
      },
    });
  else
    new Gauge({
      ...options,
      collect() {
        this.reset();
        read((value, labels = {}) => this.set(labels, value));
      },
    });
}

/** A histogram that counts here. */
export function histogram(registry: Registry, row: MetricRow, buckets: readonly number[]): Histogram<string> {
  return new Histogram({ ...optionsOf(row, registry), buckets: [...buckets] });
}
