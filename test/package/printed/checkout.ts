import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kit } from '../../integration/pages/kit.ts';
import { withNames } from '../../integration/pages/pages.ts';
import { Terminals, typeTutorial } from '../../integration/pages/tutorial.ts';
import type { Step } from '../boot.ts';
import { baseTar, projectRoot, run, work } from '../debian.ts';
import { type PrintedLine, printedLines } from './lines.ts';

/* A Debian 13 with git, Node and npm of its own, and nothing of Goshawk: what the quick starts and the tutorial ask for. */

/** Sections of docs/quick-starts.md that begin with a clone. */
const ofCheckout = /^(?:Laptop|Your model on a video)/;
const certificates = '/opt/test/certificates.pem';
/** The first start installs and builds. */
const startMs = 15 * 60_000;

export interface Section {
  readonly heading: string;
  readonly lines: readonly PrintedLine[];
}

/** Sections of the quick starts; `inCheckout`: those that begin with a clone, or all others. */
export function sections(inCheckout: boolean): Section[] {
  const byHeading = new Map<string, PrintedLine[]>();
  for (const line of printedLines('quick-starts'))
    byHeading.set(line.heading, [...(byHeading.get(line.heading) ?? []), line]);
  return [...byHeading]
    .filter(([heading]) => ofCheckout.test(heading) === inCheckout)
    .map(([heading, lines]) => ({ heading, lines }));
}

/** What a machine needs to reach the registries that this one reaches. */
function environment(): NodeJS.ProcessEnv {
  return process.env.NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates };
}

function makeCheckoutRoot(): string {
  const root = join(work, 'root-checkout');
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, 'opt/test'), { recursive: true });
  run('tar', ['xf', baseTar('trixie', 'amd64'), '-C', root]);
  for (const file of ['resolv.conf', 'hosts'])
    cpSync(join('/etc', file), join(root, 'etc', file), { dereference: true });
  const { NODE_EXTRA_CA_CERTS: own } = process.env;
  if (own !== undefined) copyFileSync(own, join(root, certificates));
  const needed = ['git', 'nodejs', 'npm', 'ca-certificates', 'sudo'];
  run('chroot', [root, 'apt-get', 'install', '-y', '-q', '--no-install-recommends', ...needed]);
  // The commit that is checked out: what is not committed is not in it.
  const clone = join(root, 'opt/test/goshawk.git');
  run('git', ['clone', '-q', '--bare', projectRoot, clone]);
  run('git', [
    '-C',
    clone,
    'update-ref',
    '--no-deref',
    'HEAD',
    spawnSync('git', ['rev-parse', 'HEAD'], { cwd: projectRoot, encoding: 'utf8' }).stdout.trim(),
  ]);
  run('chroot', [root, 'git', 'config', '--system', 'safe.directory', '*']);
  const kit = new Kit(join(work, 'reader'));
  withNames(kit, 'yolo11n.onnx');
  kit.video('street.mp4');
  for (const name of ['yolo11n.onnx', 'street.mp4'])
    copyFileSync(kit.path(name), join(root, 'opt/test', name));
  rmSync(kit.folder, { recursive: true });
  const target = join(root, 'opt/test');
  cpSync(join(import.meta.dirname, '../guest'), join(target, 'guest'), { recursive: true });
  writeFileSync(
    join(target, 'printed.json'),
    JSON.stringify({ sections: sections(true), environment: environment() }),
  );
  return root;
}

function typeQuickStarts(root: string, onStep: (step: Step) => void): void {
  const inside = ['chroot', root, '/usr/bin/node', '/opt/test/guest/printed-checkout.mjs'];
  const { status, stderr } = spawnSync(inside[0] ?? '', inside.slice(1), { encoding: 'utf8' });
  const file = join(root, 'opt/test/results');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  for (const line of lines) onStep(JSON.parse(line) as Step);
  if (status !== 0)
    onStep({ name: 'the quick starts are typed to their end', seconds: 0, ok: false, problem: stderr });
}

/** As another person of that system, who begins with a clone too. */
async function typeWholeTutorial(root: string): Promise<void> {
  run('chroot', [root, 'useradd', '--create-home', '--shell', '/bin/bash', 'ben']);
  const file = join(root, 'home/ben/.session');
  writeFileSync(file, 'cd\n');
  run('chroot', [root, 'chown', 'ben:', '/home/ben/.session']);
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/home/ben',
    LC_ALL: 'C.UTF-8',
    ...environment(),
  };
  const terminals = new Terminals({
    command: ['chroot', '--userspec=ben:ben', '--groups=', root, 'bash', '-c'],
    options: { env },
    environment: '/home/ben/.session',
  });
  try {
    await typeTutorial(terminals, {
      port: 8080,
      startMs,
      instead: (command) => command.replace('<this repository>', '/opt/test/goshawk.git'),
    });
  } finally {
    terminals.close();
  }
}

/** Types all that begins with a clone. */
export async function checkoutSteps(
  step: <T>(name: string, action: () => T | Promise<T>) => Promise<T | undefined>,
  onStep: (step: Step) => void,
  keep: boolean,
): Promise<void> {
  const root = await step('a fresh Debian 13 with git and Node', makeCheckoutRoot);
  if (root === undefined) return;
  run('mount', ['-t', 'proc', 'proc', join(root, 'proc')]);
  try {
    typeQuickStarts(root, onStep);
    for (const { typed, line, leftOut } of printedLines('tutorial'))
      if (leftOut !== undefined)
        onStep({ name: `tutorial.md:${line}: ${typed}`, seconds: 0, skipped: leftOut });
    await step('the whole tutorial, typed in the order of the page', () => typeWholeTutorial(root));
  } finally {
    run('umount', [join(root, 'proc')]);
  }
  if (!keep) rmSync(root, { recursive: true, force: true });
}
