import { nodeSumCrypto } from '../../adapters/crypto/index.ts';
import { SumMember } from '../../agent/index.ts';
import type { Clock } from '../../base/index.ts';
import type { StatisticsSettings } from '../settings/statistics.ts';

/** Undefined where the device sends its own counts. */
export function sumMember(
  { counts, leastDevices }: StatisticsSettings,
  device: string,
  clock: Clock,
): SumMember | undefined {
  if (counts === 'sent') return undefined;
  return new SumMember({ device, clock, keys: nodeSumCrypto, leastDevices });
}
