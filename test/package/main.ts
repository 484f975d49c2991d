/*
 * `npm test -- package`: the packages as apt installs them in a fresh Debian under systemd, in a container of its own.
 *
 *   npm test -- package [--short | --updates | --ten | --printed] [--release trixie,bookworm] [--arch arm64] [--reuse] [--keep]
 *
 *   --short    Debian 13 alone, without enrolment, watchdog and upgrade: what `.ci/run` does
 *   --updates  Debian 13 alone: releases of the agent that the fleet rolls out, good and bad ones
 *   --ten      ten agents in light containers: releases that come in waves, good and bad ones
 *   --printed  Debian 13 alone: the quick starts and the tutorial, typed as their pages print them
 *   --release  default: trixie,bookworm (Debian 13 and 12)
 *   --arch     arm64: the agent in an arm64 Debian 13 by qemu-user, without systemd
 *   --reuse    takes the packages that a run before built
 *   --keep     leaves the root file systems
 *
 * Needs root, namespaces and the way to Debian's packages; installs the programs that it needs with apt. Where something of it
 * is not to be had it says so and is skipped, never red. The first run fetches 400 MB for each release.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runApart } from '../image/run-apart.ts';
import { foreignSteps } from './arm64.ts';
import { boot, type Step } from './boot.ts';
import { makeRoot, type Release, releaseNames, run, work } from './debian.ts';
import { reasonToSkip, silence } from './needs.ts';
import { checkoutSteps } from './printed/checkout.ts';
import { makePrintedRoot } from './printed/packages.ts';
import { switchedOff } from './switched-off.ts';
import { makeTemplate } from './ten-boards.ts';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    updates: { type: 'boolean', default: false },
    ten: { type: 'boolean', default: false },
    printed: { type: 'boolean', default: false },
    release: { type: 'string' },
    arch: { type: 'string', default: 'amd64' },
    reuse: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

/** In the order of an installation's life; each begins where the one before ended. */
const use = ['install', 'service', 'addons', 'ros', 'sandbox', 'isolated', 'controller', 'push', 'cameras'];
const renewed = ['install', 'controller', 'updates'];
const chapters = options.updates
  ? renewed
  : options.short
    ? [...use, 'purge']
    : [...use, 'enrolment', 'upgrade', 'purge'];

const counts = { passed: 0, failed: 0, skipped: 0 };
const began = performance.now();

function tell({ name, ok, seconds, problem, skipped, ...more }: Step): void {
  if (skipped !== undefined) {
    counts.skipped += 1;
    console.log(`skipped: ${name}: ${skipped}`);
    return;
  }
  counts[ok ? 'passed' : 'failed'] += 1;
  const details = Object.keys(more).length === 0 ? '' : ` ${JSON.stringify(more)}`;
  console.log(`${ok ? 'ok ' : 'BAD'} ${seconds.toFixed(1).padStart(6)} s  ${name}${details}`);
  if (problem !== undefined) console.log(`    ${problem}`);
  // `npm run test:all` says these again at its end.
  if (!ok) console.log(`failed: ${name}: ${(problem ?? details).replaceAll('\n', ' | ').slice(0, 900)}`);
}

/** A step of this side; gives undefined where it failed, or could not be done because no registry answers. */
async function step<T>(name: string, action: () => T | Promise<T>): Promise<T | undefined> {
  const beganMs = performance.now();
  const seconds = () => (performance.now() - beganMs) / 1000;
  try {
    const found = await action();
    tell({ name, ok: true, seconds: seconds() });
    return found;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    if (silence.test(problem)) tell({ name, seconds: 0, skipped: 'a package registry does not answer' });
    else tell({ name, ok: false, seconds: seconds(), problem });
    return undefined;
  }
}

/** The same program twice, as an old and a new version. */
function buildPackages(architecture: string): string {
  const out = join(work, `debs-${architecture}`);
  if (options.reuse && existsSync(out)) return out;
  rmSync(out, { recursive: true, force: true });
  const versions = options.short || options.printed || architecture === 'arm64' ? '0.1.0' : '0.1.0,0.1.1';
  const only = architecture === 'arm64' ? ['--only', 'goshawk-agent'] : [];
  const flags = ['--arch', architecture, '--quick', '--version', versions, '--out', out, ...only];
  run('npm', ['run', '-s', 'package', '--', ...flags]);
  return out;
}

async function installed(release: Release, debs: string): Promise<void> {
  const title = releaseNames[release];
  const root = await step(`a fresh ${title}, with what apt would fetch`, () =>
    makeRoot(release, options.arch, debs),
  );
  if (root === undefined) return;
  if (options.arch === 'arm64')
    await foreignSteps(root, (one) => tell({ ...one, name: `${title} arm64: ${one.name}` }));
  else await boot(root, chapters, (one) => tell({ ...one, name: `${title}: ${one.name}` }));
  if (options.updates)
    await switchedOff(root, ({ name, ...one }, state) =>
      tell({ ...one, name: `${title}, off in ${state}: ${name}` }),
    );
  if (!options.keep) rmSync(root, { recursive: true, force: true });
}

async function ten(debs: string): Promise<void> {
  if ((await step('a Debian 13 with the agent, for ten machines', () => makeTemplate(debs))) === undefined)
    return;
  const { last } = await runApart('../package/ten.ts', [debs]);
  const [, passed = '0', failed = '1'] = /^(\d+) passed, (\d+) failed/.exec(last) ?? [];
  counts.passed += Number(passed);
  counts.failed += Number(failed);
}

/** What the pages print, in a system with the packages and in one with a clone. */
async function printed(debs: string): Promise<void> {
  await checkoutSteps(step, tell, options.keep);
  const root = await step('a fresh Debian 13, with what apt would fetch', () => makePrintedRoot(debs));
  if (root === undefined) return;
  await boot(root, ['printed'], tell);
  if (!options.keep) rmSync(root, { recursive: true, force: true });
}

const releases = (
  options.release ??
  (options.short || options.updates || options.arch === 'arm64' ? 'trixie' : 'trixie,bookworm')
)
  .split(',')
  .map((name) => name as Release);
const reason = reasonToSkip(options.arch);
if (reason !== undefined) tell({ name: 'the packages in a fresh Debian', seconds: 0, skipped: reason });
else {
  const debs = await step('the packages are built', () => buildPackages(options.arch));
  if (debs !== undefined && options.printed) await printed(debs);
  else if (debs !== undefined && options.ten) await ten(debs);
  else if (debs !== undefined) for (const release of releases) await installed(release, debs);
}
const [host = ''] = spawnSync('cat', ['/etc/debian_version'], { encoding: 'utf8' }).stdout.split('\n');
console.log(`Built on Debian ${host}; ${((performance.now() - began) / 1000).toFixed(0)} s.`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
