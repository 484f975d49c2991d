/* A process that asks a thread something and has nothing else to do. It ends when the thread does not hold it. */
import { GoshawkError } from '../../../../src/base/index.ts';
import { moduleUrl, WorkerHost } from '../../../../src/platform/index.ts';
import type { TestThread } from './test-thread.ts';

const holdsProcess = process.argv[2] as 'while-asked' | 'never';
const host = new WorkerHost<TestThread>({
  module: moduleUrl('./test-thread', import.meta.url),
  ...{ name: 'goshawk-test', data: {}, what: 'The work', holdsProcess },
  death: (why) => new GoshawkError('died', why, 'Start it again.'),
});
const answer = holdsProcess === 'while-asked' ? host.call('echo', 'x') : host.call('hold', 1);
if (holdsProcess === 'never') process.stdout.write('asked\n');
void answer.then((text) => process.stdout.write(`answered ${String(text)}\n`));
