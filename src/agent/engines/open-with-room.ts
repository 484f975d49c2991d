import { CancelledError, type Clock, sleep } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { Progress } from '../ports.ts';
import { noRoomEvent } from './engine-events.ts';
import { type ChosenDetector, type EngineRequest, openEngine } from './open-engine.ts';

/** How long room is waited for, try by try, before the next engine takes the model. */
const roomWaitsMs = [30_000, 60_000, 120_000];

interface RoomPorts extends EngineRequest {
  readonly clock: Clock;
  readonly reportEvent: (event: AgentEvent) => unknown;
}

/** An order has time, since the old model serves: a better engine that has no room now may have it soon. */
export async function openWithRoom(
  bundle: Bundle,
  ports: RoomPorts,
  work: { readonly onProgress: Progress; readonly signal: AbortSignal },
): Promise<ChosenDetector> {
  for (const waitMs of roomWaitsMs) {
    const chosen = await openEngine(bundle, ports, work);
    if (!chosen.short) return chosen;
    // It would take the room that is waited for.
    await chosen.detector.close();
    ports.reportEvent(noRoomEvent(bundle, [...chosen.refused.values()].join('; '), waitMs));
    await sleep(ports.clock, waitMs, work.signal);
    if (work.signal.aborted) throw new CancelledError('The engine of the model');
  }
  return openEngine(bundle, ports, work);
}
