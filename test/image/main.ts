/*
 * `npm test -- image`: an image is built, looked into, and boards are started from it.
 *
 *   npm test -- image [--parts | --ordered | --two] [--cuts N] [--reuse] [--arm64]
 *
 *   --parts    all parts that need no virtual machine: RAM disk, RAUC, the root file system in a container
 *   --ordered  updates of the whole system that a controller rolls out, good and bad ones, and those alone
 *   --two      of those alone the updates of two boards in waves
 *   --cuts N   cuts of power instead of the usual steps: N while the data partition is made, N in the first boot in a container, N
 *              while RAUC writes; and, of whole boards, N in the first boot and N in an update
 *   --arm64    a whole arm64 board alone, in software: built by qemu-user (Debian's qemu-user-binfmt and arch-test), first boot to
 *              enrolled and perceiving
 *   --reuse    takes packages and base system that a run before left behind
 *
 * Whole boards need a KVM that starts a PC. Where there is none they are skipped with the reason, unless
 * GOSHAWK_IMAGE_EMULATE=1 says to do it in software, which takes an hour; the image is built, and its programs run in its root
 * file system, all the same. Needs root and Debian's packages; where they can't be had it says so and is skipped, never red.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { dataPartitionCuts, dataPartitionSteps } from './data-partition.ts';
import { kvmHopeless, kvmProblem } from './kvm.ts';
import { loaderSteps } from './loader.ts';
import { type ImageFiles, prepare, reasonToSkip } from './prepare.ts';
import { rootSteps } from './root.ts';
import { runApart } from './run-apart.ts';
import { Steps } from './steps.ts';
import { updateCuts, updateSteps } from './update.ts';

const { values: options } = parseArgs({
  options: {
    parts: { type: 'boolean', default: false },
    ordered: { type: 'boolean', default: false },
    two: { type: 'boolean', default: false },
    cuts: { type: 'string' },
    reuse: { type: 'boolean', default: false },
    arm64: { type: 'boolean', default: false },
  },
});

/** How a whole board is started; undefined: it is not. */
type Way = 'kvm' | 'emulate' | undefined;

/** Before anything is built, and without installing anything for nothing. */
async function wayToBoards(): Promise<Way | { readonly reason: string }> {
  if (process.env.GOSHAWK_IMAGE_EMULATE === '1') return 'emulate';
  const hopeless = kvmHopeless();
  const unable = hopeless === undefined ? reasonToSkip() : undefined;
  if (unable !== undefined) return { reason: unable };
  const problem = hopeless ?? (await kvmProblem());
  if (problem === undefined) return 'kvm';
  const way = 'GOSHAWK_IMAGE_EMULATE=1 does it in software, in an hour';
  return { reason: `no KVM that starts a PC (${problem}); ${way}` };
}

const steps = new Steps();
if (options.arm64) await arm64Board();
else if (options.ordered || options.two) await ordered();
else await begin(options.cuts === undefined ? 0 : Number(options.cuts));
process.exitCode = steps.close();

async function begin(cuts: number): Promise<void> {
  const way = await wayToBoards();
  if (typeof way === 'object') steps.skip('whole boards in QEMU', way.reason);
  const reason = reasonToSkip('amd64', typeof way !== 'object');
  if (reason !== undefined) return steps.skip('an image and boards started from it', reason);
  const files = await prepare(steps, options.reuse);
  if (files === undefined) return;
  if (typeof way === 'object' && !options.parts && cuts === 0) return rootSteps(steps);
  if (cuts > 0) await cutOff(files, typeof way === 'object' ? undefined : way, cuts);
  else await everything(files, typeof way === 'object' ? undefined : way);
}

async function ordered(): Promise<void> {
  const reason = reasonToSkip('amd64', false);
  if (reason !== undefined) return steps.skip('updates that the fleet orders', reason);
  if ((await prepare(steps, options.reuse)) === undefined) return;
  const scripts = options.two ? ['two-boards.ts'] : ['ordered.ts', 'two-boards.ts'];
  for (const script of scripts) steps.add(await runApart(script, []));
}

async function arm64Board(): Promise<void> {
  const foreign = spawnSync('arch-test', ['arm64']).status !== 0 ? 'no arm64 program starts here' : undefined;
  const reason = reasonToSkip('arm64') ?? foreign;
  if (reason !== undefined) return steps.skip('an arm64 board', reason);
  const files = await prepare(steps, options.reuse, 'arm64');
  if (files === undefined) return;
  steps.add(await runApart('whole.ts', [files.image, files.update, 'emulate', 'everyday', 'arm64']));
}

async function everything(files: ImageFiles, way: Way): Promise<void> {
  if (way !== undefined) {
    await loaderSteps(steps, files.image, way === 'emulate');
    for (const what of ['everyday', 'bad-input'])
      steps.add(await runApart('whole.ts', [files.image, files.update, way, what]));
  }
  await rootSteps(steps);
  await dataPartitionSteps(steps, files.image);
  await updateSteps(steps);
  steps.add(await runApart('container.ts', []));
  steps.add(await runApart('ordered.ts', []));
}

async function cutOff(files: ImageFiles, way: Way, count: number): Promise<void> {
  if (way !== undefined) {
    // What is cut off is a recording of what a whole board wrote.
    steps.add(await runApart('whole.ts', [files.image, files.update, way, 'everyday']));
    steps.add(await runApart('cuts.ts', [files.image, way, String(count)]));
  }
  await dataPartitionCuts(steps, files.image, count);
  await updateCuts(steps, count);
  steps.add(await runApart('container.ts', [String(count)]));
}
