import { CancelledError, type Clock, GoshawkError, sleep } from '../../base/index.ts';
import type { FleetClient } from './client.ts';

export interface Patience {
  readonly clock: Clock;
  /** Of the clock's monotonic time. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

const pollMs = 2_000;

/**
 * For waits that have begun, so that the address and the token are known to be right: a controller that is away, as during
 * its upgrade, is asked again until the deadline. Only for requests that read.
 */
export function patientClient(
  client: Pick<FleetClient, 'call'>,
  { clock, deadlineMs, signal }: Patience,
): Pick<FleetClient, 'call'> {
  return {
    async call(...args) {
      for (;;) {
        try {
          return await client.call(...args);
        } catch (error) {
          if (!isAway(error) || clock.monotonicMs() >= deadlineMs) throw error;
        }
        await sleep(clock, pollMs, signal);
        if (signal.aborted) throw new CancelledError('Waiting for the controller');
      }
    },
  };
}

/** The controller, or the proxy in front of it, does not answer at the moment. */
export function isAway(error: unknown): error is GoshawkError {
  return error instanceof GoshawkError && error.code === 'controller-unreachable';
}
