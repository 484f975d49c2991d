// Source -> dist: TypeScript to JavaScript file by file, the dashboard as one bundle. Skipped when nothing changed.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packFiles } from './packed-files.mjs';
import { projectRoot, run, say } from './setup.mjs';

const stamp = join(projectRoot, 'dist', '.built');

/** When anything below a folder last changed, in ms. */
export function newestChange(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'build') continue;
    const path = join(folder, entry.name);
    newest = Math.max(newest, statSync(path).mtimeMs, entry.isDirectory() ? newestChange(path) : 0);
  }
  return newest;
}

function isUpToDate() {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  const inputs = ['src', 'device', 'native', 'deploy/checkout'].map((folder) =>
    newestChange(join(projectRoot, folder)),
  );
  const settings = ['package.json', 'tsconfig.json'].map((file) => statSync(join(projectRoot, file)).mtimeMs);
  return Math.max(...inputs, ...settings) < built;
}

/** Whose code is bundled into pages: their licences go along with a package. `modules`: paths of files. */
export function writePackages(folder, modules) {
  const names = modules.flatMap((path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  writeFileSync(join(folder, 'packages.json'), `${JSON.stringify([...new Set(names)].sort())}\n`);
}

/** How esbuild bundles the dashboard. */
export const pageBundle = {
  metafile: true,
  entryPoints: [join(projectRoot, 'src', 'dashboard', 'main.tsx')],
  bundle: true,
  target: 'es2022',
  format: 'esm',
  // What few pages need is loaded when they are opened.
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  // Pictures of Leaflet's own pins, which no page shows.
  loader: { '.png': 'empty' },
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
};

async function buildDashboard(target = join(projectRoot, 'dist', 'dashboard')) {
  const source = join(projectRoot, 'src', 'dashboard');
  if (!existsSync(join(source, 'main.tsx'))) return;
  mkdirSync(target, { recursive: true });
  const { build } = await import('esbuild');
  const { metafile } = await build({ ...pageBundle, outdir: target, minify: true, sourcemap: true });
  writePackages(target, Object.keys(metafile.inputs));
  for (const file of ['index.html', 'favicon.svg']) cpSync(join(source, file), join(target, file));
  packFiles(target);
}

/** `node_modules/.bin/goshawk`, which a PATH can find without rights to write where npm is installed. */
function linkProgram() {
  const link = join(projectRoot, 'node_modules', '.bin', 'goshawk');
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'deploy', 'launcher', 'goshawk.cjs'), link);
}

/** Builds when needed. `--force` builds always. */
export async function build({ force = false } = {}) {
  linkProgram();
  if (!force && isUpToDate()) return;
  say('Building ...');
  const target = join(projectRoot, 'dist');
  // The pages of `npm run docs` are made from other sources and stay.
  const old = existsSync(target) ? readdirSync(target).filter((name) => name !== 'docs') : [];
  for (const name of old) rmSync(join(target, name), { recursive: true, force: true });
  // Types are checked by `npm run check`; here only the translation counts, so that a start takes seconds.
  const status = run(process.execPath, [
    join('node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.json',
    '--noCheck',
  ]);
  if (status !== 0) process.exit(status);
  await buildDashboard();
  writeFileSync(stamp, '');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  // `--dashboard DIR` builds the page alone, for its browser tests.
  const page = process.argv.indexOf('--dashboard');
  if (page > 0) await buildDashboard(process.argv[page + 1]);
  else await build({ force: process.argv.includes('--force') });
}
