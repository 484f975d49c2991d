// `npm start`: from a fresh clone to the running demo. Arguments go to `goshawk demo`.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureNode, ensurePackages, projectRoot, say } from './setup.mjs';

ensureNode();
ensurePackages();
const { build } = await import('./build.mjs');
await build();

if (!existsSync(join(projectRoot, 'native', 'build', 'report.json'))) {
  say(
    'Running on onnxruntime-node. With a C++ compiler the native data plane is faster: npm run build:native',
  );
}

const main = join(projectRoot, 'dist', 'src', 'cli', 'main.js');
const child = spawn(process.execPath, [main, 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
// A terminal sends Ctrl-C to the whole group; a supervisor sends it to us alone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (!process.stdin.isTTY) child.kill(signal);
  });
}
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
