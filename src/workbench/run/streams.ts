import type { Clock, Log } from '../../base/index.ts';
import { openAddresses } from '../../runtime/index.ts';
import type { ResultStreams } from '../../streams/index.ts';

/** Streams of `--publish`, beside ROS; before the model, so that a mistake is told at once. */
export function openRunStreams(publish: readonly string[], log: Log, clock: Clock): Promise<ResultStreams> {
  const addresses = publish.filter((one) => one !== 'ros');
  return openAddresses(addresses, { device: 'run', cameras: ['camera'], log, clock });
}
