// `npm run package`: from a fresh clone to the Debian packages. Arguments go to main.ts.
import { join } from 'node:path';
import { build } from '../checkout/build.mjs';
import { buildDocs } from '../checkout/docs.mjs';
import { ensureNode, ensurePackages, projectRoot, run } from '../checkout/setup.mjs';

ensureNode();
ensurePackages();
await build();
if (buildDocs() !== 0) process.exit(1);
process.exitCode = run(
  process.execPath,
  ['--import', 'tsx', join(projectRoot, 'deploy/package/main.ts'), ...process.argv.slice(2)],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
