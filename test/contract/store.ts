import { afterEach, beforeEach } from 'vitest';
import { promisesOfEvents } from './store/events.ts';
import { promisesOfIncidents } from './store/incidents.ts';
import { promisesOfLife } from './store/life.ts';
import { promisesOfMemory } from './store/memory.ts';
import { promisesOfMetrics } from './store/metrics.ts';
import { type StoreDisk, StoreUnderTest } from './store/store-under-test.ts';
import { suite } from './suite.ts';

/** What the controller expects of any store. */
export function describeStore(name: string, make: () => StoreDisk, missing?: string): void {
  suite(`The controller's store: ${name}`, missing, () => {
    const tested = new StoreUnderTest();
    beforeEach(() => tested.open(make()));
    afterEach(() => tested.close());
    promisesOfMemory(tested);
    promisesOfMetrics(tested);
    promisesOfEvents(tested);
    promisesOfIncidents(tested);
    promisesOfLife(tested);
  });
}
