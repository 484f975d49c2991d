// `npm run test:package`: builds what it needs, then main.ts. Arguments go there.
import { spawnSync } from 'node:child_process';
import { ensureNode, ensurePackages, projectRoot } from '../../deploy/checkout/setup.mjs';

ensureNode();
ensurePackages();
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', 'test/package/main.ts', ...process.argv.slice(2)],
  {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
  },
);
process.exitCode = status ?? 1;
