// `npm run docs`: the pages as a site in dist/docs, which the controller serves at /docs/.
//
//   npm run docs             builds it
//   npm run docs -- --dev    serves it while you write, at the address that it prints
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { newestChange } from './build.mjs';
import { packFiles } from './packed-files.mjs';
import { ensurePackages, projectRoot, run } from './setup.mjs';

const pages = join(projectRoot, 'docs');
const built = join(projectRoot, 'dist', 'docs', 'index.html');

function vitepress(command) {
  return run(process.execPath, [join('node_modules', 'vitepress', 'bin', 'vitepress.js'), command, pages]);
}

/** Builds when a page changed; the exit status. */
export function buildDocs() {
  if (existsSync(built) && newestChange(pages) < statSync(built).mtimeMs) return 0;
  const status = vitepress('build');
  if (status === 0) packFiles(join(built, '..'));
  return status;
}

// The launcher names the script relative to `deploy`.
if (process.argv[1]?.endsWith('checkout/docs.mjs')) {
  ensurePackages();
  process.exitCode = process.argv.includes('--dev') ? vitepress('dev') : buildDocs();
}
