// The words of pages, help, messages and the dashboard: `node deploy/checkout/words/main.mjs [FILE ...]`.
import { projectRoot } from '../setup.mjs';
import { files } from './files.mjs';
import { lintFile } from './lint.mjs';

const named = process.argv.slice(2);
const chosen = named.length > 0 ? named : files(projectRoot);
let wrong = 0;
for (const file of chosen) {
  const found = await lintFile(projectRoot, file);
  wrong += found.length;
  for (const { line, message } of found) console.log(`${file}:${line}: ${message}`);
}
console.log(`${chosen.length} files, ${wrong} places to change`);
process.exitCode = wrong === 0 ? 0 : 1;
