import type { DeviceDetail } from '../../api/index.ts';
import { CancelledError, type Clock, GoshawkError, LimitError, sleep } from '../../base/index.ts';
import type { FleetClient } from './client.ts';

export interface WaitOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  onState(device: string, state: string): void;
}

const pollMs = 500;

/** Until every device reports that it acted on its generation; throws where one failed or time is up. */
export async function waitForGenerations(
  client: Pick<FleetClient, 'get'>,
  generations: Readonly<Record<string, number>>,
  { clock, timeoutMs, signal, onState }: WaitOptions,
): Promise<void> {
  const open = new Map(Object.entries(generations));
  const said = new Map<string, string>();
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  while (open.size > 0) {
    for (const [device, generation] of open) {
      const { reported } = await client.get<DeviceDetail>(`/devices/${device}`);
      if (reported === undefined || reported.generation < generation) continue;
      const { state, reason } = reported.deployment;
      if (said.get(device) !== state) {
        said.set(device, state);
        onState(device, state);
      }
      if (state === 'failed') throw deploymentFailed(device, reason);
      if (state === 'committed' || state === 'idle') open.delete(device);
    }
    if (open.size === 0) return;
    if (clock.monotonicMs() > deadlineMs) throw timeIsUp([...open.keys()]);
    await sleep(clock, pollMs, signal);
    if (signal.aborted) throw new CancelledError('Waiting for the devices');
  }
}

function deploymentFailed(device: string, reason: string | undefined): GoshawkError {
  return new GoshawkError(
    'deployment-failed',
    `${device}: ${reason ?? 'the deployment failed'}.`,
    `The model before it goes on. Its steps: goshawk fleet events --device ${device} --kind deployment`,
  );
}

function timeIsUp(devices: readonly string[]): LimitError {
  return new LimitError(
    'wait-timeout',
    `Not done in time: ${devices.join(', ')}.`,
    'The order stands: devices that are away act on it when they are back. Look with `goshawk fleet devices`.',
  );
}
