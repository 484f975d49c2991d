/*
 * `npm run test:image`: an image is built, and boards are started from it in QEMU.
 *
 *   npm run test:image -- [--cuts N] [--reuse] [--keep]
 *
 *   --cuts N  instead of the usual steps: N cuts of power at random moments of the first boot, and N of an update
 *   --reuse   takes packages and base system that a run before left behind
 *
 * Needs root, KVM and Debian's packages; where one is missing it says so, is skipped and is not red.
 */
import { parseArgs } from 'node:util';
import { firstBootSteps } from './first-boot.ts';
import { prepare, reasonToSkip } from './prepare.ts';
import { Steps } from './steps.ts';

const { values: options } = parseArgs({
  options: {
    cuts: { type: 'string' },
    reuse: { type: 'boolean', default: false },
  },
});

const reason = reasonToSkip();
if (reason !== undefined) {
  console.log(`skipped: the image in QEMU: ${reason}`);
  console.log('0 passed, 0 failed, 1 skipped');
} else {
  const steps = new Steps();
  const files = await prepare(steps, options.reuse);
  if (files !== undefined) await firstBootSteps(steps, files);
  process.exitCode = steps.close();
}
