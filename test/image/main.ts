/*
 * `npm run test:image`: an image is built, looked into, and boards are started from it.
 *
 *   npm run test:image -- [--cuts N] [--emulate] [--reuse]
 *
 *   --cuts N   cuts of power instead of the usual steps: N while the data partition is made, N in the first boot, and, where
 *              a virtual machine runs, N in an update
 *   --emulate  a whole board in QEMU without KVM: takes an hour and more
 *   --reuse    takes packages and base system that a run before left behind
 *
 * Needs root and Debian's packages; where they can't be had it says so and is skipped, never red.
 */
import { parseArgs } from 'node:util';
import { boardSteps, kvmRuns, removeBoardFiles } from './board.ts';
import { dataPartitionCuts, dataPartitionSteps } from './data-partition.ts';
import { loaderSteps } from './loader.ts';
import { prepare, reasonToSkip } from './prepare.ts';
import { runContainer } from './run-container.ts';
import { Steps } from './steps.ts';
import { updateCuts, updateSteps } from './update.ts';

const { values: options } = parseArgs({
  options: {
    cuts: { type: 'string' },
    emulate: { type: 'boolean', default: false },
    reuse: { type: 'boolean', default: false },
  },
});

const steps = new Steps();
const reason = reasonToSkip();
if (reason !== undefined) steps.skip('an image and boards started from it', reason);
else await everything(options.cuts === undefined ? 0 : Number(options.cuts));
process.exitCode = steps.close();

async function everything(cuts: number): Promise<void> {
  const files = await prepare(steps, options.reuse);
  if (files === undefined) return;
  if (cuts > 0) {
    await dataPartitionCuts(steps, files.image, cuts);
    await updateCuts(steps, cuts);
    steps.add(runContainer([String(cuts)]));
    return;
  }
  await dataPartitionSteps(steps, files.image);
  await updateSteps(steps);
  steps.add(runContainer([]));
  if (options.emulate || (await kvmRuns())) {
    const emulate = options.emulate;
    await loaderSteps(steps, files.image, emulate);
    await boardSteps(steps, files, { emulate });
  } else
    steps.skip(
      'a whole board in QEMU, with its updates',
      'no virtual machine runs here; --emulate does it in software',
    );
  removeBoardFiles();
}
