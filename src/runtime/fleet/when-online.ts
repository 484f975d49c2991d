import { SystemClock } from '../../adapters/system/index.ts';
import {
  CancelledError,
  type Clock,
  GoshawkError,
  LimitError,
  MissingError,
  sleep,
} from '../../base/index.ts';
import type { FleetClient } from './client.ts';
import { isAway, patientClient } from './patient-client.ts';

export interface WhenOnlineOptions {
  readonly clock?: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Why it waits, whenever the reason is another one. */
  onWait(reason: string): void;
}

const pollMs = 2_000;
/** Ends with the connection of the device, and may be done when it is back. */
const waitedFor = new Set(['device-offline', 'device-silent', 'download-cut']);

/**
 * Asks a device; with `wait` again when it is online, until that succeeds or the time is up (LimitError `device-wait-over`).
 * Without it an offline device is an error at once, MissingError `device-offline`.
 */
export async function whenOnline<Answer>(
  client: Pick<FleetClient, 'call'>,
  device: string,
  ask: () => Promise<Answer>,
  wait: WhenOnlineOptions | undefined,
): Promise<Answer> {
  const { clock = new SystemClock(), timeoutMs, signal, onWait } = wait ?? neverWaits;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  const looks = patientClient(client, { clock, deadlineMs, signal });
  let reason = '';
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      // A controller that has answered before is away for a while.
      const waits =
        error instanceof GoshawkError && (waitedFor.has(error.code) || (reason !== '' && isAway(error)));
      if (!waits) throw error;
      if (wait === undefined) throw error.code === 'device-offline' ? withWaitFlag(error) : error;
      if (error.message !== reason) onWait(error.message);
      reason = error.message;
    }
    do {
      if (clock.monotonicMs() >= deadlineMs) throw over(device, reason);
      await sleep(clock, pollMs, signal);
      if (signal.aborted) throw new CancelledError(`Waiting for ${device}`);
    } while (!(await looks.call('GET /devices/:id', { params: { id: device } })).summary.online);
  }
}

const neverWaits: WhenOnlineOptions = {
  timeoutMs: 0,
  signal: new AbortController().signal,
  onWait: () => {},
};

function withWaitFlag({ code, message }: GoshawkError): MissingError {
  return new MissingError(
    code,
    message,
    'Add --wait to continue as soon as the device is online. Requests to a device are not kept for later.',
  );
}

function over(device: string, reason: string): LimitError {
  return new LimitError(
    'device-wait-over',
    `The time to wait for ${device} is over. ${reason}`,
    'Run the command again, or raise --timeout.',
  );
}
