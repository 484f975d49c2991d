import type { Registry } from 'prom-client';
import { controllerMetrics } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import { shown } from './instruments.ts';

const maxGroups = 200;
const everyone = 'all';

/** How hot devices are, by group: a fleet of thousands in a few lines. */
export function registerTemperatures(prometheus: Registry, registry: FleetController['registry']): void {
  shown(prometheus, controllerMetrics.temperature, (put) => {
    const cohorts = new Map<string, number[]>();
    for (const device of registry.devices()) {
      const celsius = registry.temperatureC(device);
      if (celsius === undefined) continue;
      for (const cohort of [everyone, ...registry.groupNames(device)]) {
        const values = cohorts.get(cohort);
        if (values !== undefined) values.push(celsius);
        else if (cohorts.size <= maxGroups) cohorts.set(cohort, [celsius]);
      }
    }
    for (const [cohort, values] of cohorts) {
      values.sort((a, b) => a - b);
      const at = (share: number) => values[Math.ceil(share * values.length) - 1] ?? 0;
      put(at(0.5), { cohort, stat: 'p50' });
      put(at(0.9), { cohort, stat: 'p90' });
      put(at(1), { cohort, stat: 'max' });
    }
  });
}
