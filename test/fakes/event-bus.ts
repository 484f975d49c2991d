import { type Clock, type Log, RateLimitedLog, silentLog } from '../../src/base/index.ts';
import { Counters } from '../../src/controller/counters.ts';
import { EventBus } from '../../src/controller/event-bus.ts';
import { Guard } from '../../src/controller/guard.ts';

/** The bus of a controller, for one of its parts alone. */
export function eventBus(clock: Clock, log: Log = silentLog): EventBus {
  return new EventBus(new Guard(new RateLimitedLog(log, clock), new Counters()));
}
