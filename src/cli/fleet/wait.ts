import { setTimeout as delay } from 'node:timers/promises';
import type { DeviceDetail } from '../../api/index.ts';
import { GoshawkError, LimitError } from '../../base/index.ts';
import type { FleetClient } from './client.ts';

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  onState(device: string, state: string): void;
}

/** Until every device reports that it acted on its generation; throws where one failed or time is up. */
export async function waitForGenerations(
  client: FleetClient,
  generations: Readonly<Record<string, number>>,
  options: WaitOptions,
): Promise<void> {
  const open = new Map(Object.entries(generations));
  const said = new Map<string, string>();
  const deadline = performance.now() + options.timeoutMs;
  while (open.size > 0) {
    for (const [device, generation] of open) {
      const { reported } = await client.get<DeviceDetail>(`/devices/${device}`);
      if (reported === undefined || reported.generation < generation) continue;
      const { state, reason } = reported.deployment;
      if (said.get(device) !== state) {
        said.set(device, state);
        options.onState(device, state);
      }
      if (state === 'failed') {
        throw new GoshawkError(
          'deployment-failed',
          `${device}: ${reason ?? 'the deployment failed'}.`,
          `The model before it goes on. Its steps: goshawk fleet events --device ${device} --kind deployment`,
        );
      }
      if (state === 'committed' || state === 'idle') open.delete(device);
    }
    if (open.size === 0) return;
    if (performance.now() > deadline) {
      throw new LimitError(
        'wait-timeout',
        `Not done in time: ${[...open.keys()].join(', ')}.`,
        'The order stands: devices that are away act on it when they are back. Look with `goshawk fleet devices`.',
      );
    }
    await delay(500, undefined, { signal: options.signal });
  }
}
