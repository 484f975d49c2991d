import type { DesiredAnswer } from '../../api/index.ts';
import { CancelledError, type Clock, sleep } from '../../base/index.ts';
import type { FleetClient } from './client.ts';
import { isFinal, type OrderOutcome, orderOutcome } from './order-outcome.ts';
import { patientClient } from './patient-client.ts';

export interface WaitOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Absent: main. */
  readonly slot?: string;
  /** Whenever it changes for a device. */
  onOutcome(outcome: OrderOutcome): void;
}

const pollMs = 500;

/** Until the order has ended on every device, well or not, or time is up: how it stands then, device by device. */
export async function waitForOrder(
  client: Pick<FleetClient, 'call'>,
  answer: DesiredAnswer,
  { clock, timeoutMs, signal, slot, onOutcome }: WaitOptions,
): Promise<readonly OrderOutcome[]> {
  const outcomes = new Map<string, OrderOutcome>();
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  const looks = patientClient(client, { clock, deadlineMs, signal });
  let open = Object.keys(answer.generations);
  for (;;) {
    for (const device of open) {
      const detail = await looks.call('GET /devices/:id', { params: { id: device } });
      const outcome = orderOutcome(device, answer, detail, slot);
      const before = outcomes.get(device);
      outcomes.set(device, outcome);
      if (before?.outcome !== outcome.outcome || before.detail !== outcome.detail) onOutcome(outcome);
    }
    open = open.filter((device) => !isFinal(outcomes.get(device)!));
    if (open.length === 0 || clock.monotonicMs() >= deadlineMs) return [...outcomes.values()];
    await sleep(clock, pollMs, signal);
    if (signal.aborted) throw new CancelledError('Waiting for the devices');
  }
}
