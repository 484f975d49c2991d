import type { Clock, Log } from '../../base/index.ts';
import { openAddresses } from '../../runtime/index.ts';
import type { ResultStreams } from '../../streams/index.ts';

/** Streams of `--publish`, beside ROS; before the model, so that a mistake is told at once. */
export function openRunStreams(publish: readonly string[], log: Log, clock: Clock): Promise<ResultStreams> {
  const addresses = publish.filter((one) => one !== 'ros');
  return openAddresses(addresses, { device: 'run', cameras: ['camera'], log: onceEach(log), clock });
}

/** A receiver that does not answer is warned of once: the summary of a run says what was not delivered. */
function onceEach(log: Log): Log {
  const said = new Set<string>();
  const once =
    (say: Log['warn']): Log['warn'] =>
    (message, { retryMs: _, ...fields } = {}) => {
      const key = `${message} ${String(fields.url ?? fields.stream ?? '')}`;
      if (said.has(key)) return;
      said.add(key);
      say(message, fields);
    };
  return {
    debug: (message, fields) => log.debug(message, fields),
    info: (message, fields) => log.info(message, fields),
    warn: once((message, fields) => log.warn(message, fields)),
    error: once((message, fields) => log.error(message, fields)),
    child: (fields) => onceEach(log.child(fields)),
  };
}
