import type { Clock, Log } from '../../base/index.ts';
import { openAddresses } from '../../runtime/index.ts';
import type { ResultStreams } from '../../streams/index.ts';

/** Streams of `--publish`, beside ROS. */
export function openRunStreams(
  publish: readonly string[],
  camera: string,
  log: Log,
  clock: Clock,
): Promise<ResultStreams> {
  const addresses = publish.filter((one) => one !== 'ros');
  return openAddresses(addresses, { device: 'run', cameras: [camera], log, clock });
}
