import { SystemClock } from '../../adapters/system/index.ts';
import type { DesiredAnswer } from '../../api/index.ts';
import type { FleetClient } from './client.ts';
import { changeSettings, type FleetTarget } from './desired-settings.ts';
import { findModel } from './models.ts';
import { type WaitOptions, waitForGenerations } from './wait-for-generations.ts';

export interface SetModelAnswer extends DesiredAnswer {
  readonly name: string;
  readonly version: string;
}

/** Says which model a device or a group runs. `wait`: until every device acted on it. */
export async function setModel(
  client: Pick<FleetClient, 'get' | 'send'>,
  target: FleetTarget,
  wanted: string,
  wait?: Omit<WaitOptions, 'clock'>,
): Promise<SetModelAnswer> {
  const { name, version, digest } = await findModel(client, wanted);
  const model = { name, version, digest };
  const answer = await changeSettings(client, target, (settings) => ({ ...settings, model }));
  if (wait !== undefined)
    await waitForGenerations(client, answer.generations, { ...wait, clock: new SystemClock() });
  return { ...answer, name, version };
}
