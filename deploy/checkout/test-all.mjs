// `npm run test:all`: `npm test` and everything beyond it, one part after the other, and one line that sums them all.
//
// TEST_MINUTES: how long all of it may take, for a machine that ends it then. A part that can't end in time any more is
// not begun, and counts as skipped.
import { spawn } from 'node:child_process';
import { projectRoot, say } from './setup.mjs';
import { sumOf } from './test-sum.mjs';

/** With the minutes that each may need. Images, hours and peers have parts that are called by name alone: `npm test -- --list`. */
const parts = [
  { args: [], minutes: 0 },
  { args: ['rest'], minutes: 0 },
  { args: ['package', '--short'], minutes: 20 },
  { args: ['long'], minutes: 27 },
];
const began = Date.now();
const untilMs = began + Number(process.env.TEST_MINUTES ?? Infinity) * 60_000;

/** Runs one part, shows what it prints as it comes, and gives that with its exit status. */
function runPart(name, args) {
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
    child.on('close', (status) => resolve({ name, status, output }));
  });
}

const runs = [];
for (const { args, minutes } of parts) {
  const name = ['npm test', ...(args.length === 0 ? [] : ['--', ...args])].join(' ');
  const beganMs = Date.now();
  if (beganMs + minutes * 60_000 > untilMs) {
    console.log(`skipped: ${name}: less than ${minutes} minutes are left of TEST_MINUTES`);
    runs.push({ name, status: 0, output: '0 passed, 0 failed, 1 skipped' });
    continue;
  }
  runs.push(await runPart(name, args));
  say(`\n== ${name}: ${Math.round((Date.now() - beganMs) / 1000)} s`);
}
const { line, problems } = sumOf(runs);
for (const problem of problems) console.log(problem);
console.log(line);
process.exitCode = problems.length === 0 ? 0 : 1;
