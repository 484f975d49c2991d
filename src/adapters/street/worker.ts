import { parentPort, workerData } from 'node:worker_threads';
import { createStreet } from '../../simulation/index.ts';
import type { FromWorker, StreetSettings, ToWorker } from './messages.ts';

/** Renders on request into shared memory; what it throws ends the thread and reaches the source as its `error`. */
function serve(): void {
  const port = parentPort;
  if (port === null) return;
  const street = createStreet(workerData as StreetSettings);
  const answer = (message: FromWorker): void => port.postMessage(message);
  // The first picture builds the scenery, which takes longer than any other.
  street.render(0);
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'conditions') return street.setConditions(message.change);
    const { truth } = street.render(message.timeS, message.into);
    answer({ kind: 'picture', sequence: message.sequence, truth });
  });
  answer({ kind: 'ready' });
}

serve();
