import { SystemClock } from '../../adapters/system/index.ts';
import type { RolloutDetail } from '../../api/index.ts';
import { CancelledError, type Clock, sleep } from '../../base/index.ts';
import type { FleetClient } from './client.ts';
import { patientClient } from './patient-client.ts';

export interface WaitForRolloutOptions {
  /** Absent: that of this machine. */
  readonly clock?: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whenever its state or its wave changes. */
  onChange(rollout: RolloutDetail): void;
}

const pollMs = 1_000;
const ends: ReadonlySet<RolloutDetail['state']> = new Set([
  'finished',
  'aborted',
  'rolled-back',
  'superseded',
]);

/** Until it is over or needs a person (paused, waiting for approval), or time is up: how it stands then. */
export async function waitForRollout(
  client: Pick<FleetClient, 'call'>,
  rollout: string,
  { clock = new SystemClock(), timeoutMs, signal, onChange }: WaitForRolloutOptions,
): Promise<RolloutDetail> {
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  const looks = patientClient(client, { clock, deadlineMs, signal });
  let told = '';
  for (;;) {
    const detail = await looks.call('GET /rollouts/:rollout', { params: { rollout } });
    const now = `${detail.state} ${detail.wave}`;
    if (now !== told) onChange(detail);
    told = now;
    const waits = ['paused', 'waiting-for-approval', 'comparing', 'draft'].includes(detail.state);
    if (ends.has(detail.state) || waits || clock.monotonicMs() >= deadlineMs) return detail;
    await sleep(clock, pollMs, signal);
    if (signal.aborted) throw new CancelledError('Waiting for the rollout');
  }
}
