// Brings a checkout to the point where it can be built: the packages of package-lock.json, nothing else.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Everything that is not the result goes to stderr, so that `npm start -- --json` can be read by a machine. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Runs a command with its output on stderr; gives its exit status (127 when it can't be started). */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: projectRoot, stdio: ['ignore', 2, 2], ...options });
  return result.status ?? (result.error ? 127 : 1);
}

export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(
    `Goshawk needs Node 20.19 or newer; this is ${process.version}. Install a newer Node, for example with your`,
  );
  say('distribution or from the Node project, and run the same command again.');
  process.exit(1);
}

/** Installs what package-lock.json names, once per lock file. */
export function ensurePackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(projectRoot, 'package-lock.json')))
    .digest('hex');
  const stamp = join(projectRoot, 'node_modules', '.goshawk-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing packages (once; about a minute) ...');
  // The variable keeps onnxruntime-node from downloading its CUDA provider from elsewhere; npm 12 will not read .npmrc for it.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const status = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { env });
  if (status !== 0) {
    say(
      'npm ci failed; its own words stand above. Check the network and the registry settings, then run it again.',
    );
    process.exit(status);
  }
  writeFileSync(stamp, wanted);
}
