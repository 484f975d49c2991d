// `npm run test:all`: `npm test` and everything beyond it, one part after the other, and one line that sums them all.
import { spawn } from 'node:child_process';
import { projectRoot, say } from './setup.mjs';
import { sumOf } from './test-sum.mjs';

/** Hardware, hours and peers of one's own have parts that are called by name alone: `npm test -- --list`. */
const parts = [[], ['rest'], ['long'], ['package', '--short'], ['image']];

/** Runs one part, shows what it prints as it comes, and gives that with its exit status. */
function runPart(args) {
  const child = spawn('npm', ['-s', 'test', '--', ...args], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ name: `npm test -- ${args.join(' ')}`.trim(), status, output }));
  });
}

const runs = [];
for (const args of parts) {
  const began = Date.now();
  runs.push(await runPart(args));
  say(`\n== npm test ${args.join(' ')}: ${Math.round((Date.now() - began) / 1000)} s`);
}
const { line, problems } = sumOf(runs);
for (const problem of problems) console.log(problem);
console.log(line);
process.exitCode = problems.length === 0 ? 0 : 1;
