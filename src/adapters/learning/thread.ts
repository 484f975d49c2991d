import { parentPort, workerData } from 'node:worker_threads';
import { asGoshawkError } from '../../base/index.ts';
import { formatProfile, ProfileBuilder } from '../../drift/index.ts';
import type { PerceptionResult } from '../../perception/index.ts';
import type { FromThread, LearnedResult, LearnSettings, ToThread } from './messages.ts';

/** Learns in a thread of its own: the end takes seconds of CPU, and no frame waits for it. */
function serve(): void {
  const port = parentPort;
  if (port === null) return;
  const builder = new ProfileBuilder(workerData as LearnSettings);
  const say = (message: FromThread): void => port.postMessage(message);
  let told = 0;
  port.on('message', (message: ToThread) => {
    try {
      if (message.kind === 'finish') {
        say({ kind: 'profile', text: formatProfile(builder.finish()) });
        return;
      }
      builder.observe(message.thumbnail, wholeResult(message.result), message.atMs);
      const { progress } = builder;
      if (progress.ticks === told) return;
      told = progress.ticks;
      say({ kind: 'progress', progress });
    } catch (error) {
      const { code, message: text, remedy } = asGoshawkError(error, 'profile-failed');
      say({ kind: 'failed', code, message: text, remedy });
    }
  });
}

function wholeResult({ digest, ...rest }: LearnedResult): PerceptionResult {
  const identity = { model: '', version: '', digest, engine: '', precision: '' };
  return { ...rest, identity: { ...identity, labels: [], inputWidth: 1, inputHeight: 1 } };
}

serve();
