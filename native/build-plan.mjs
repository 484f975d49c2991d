// Builds one engine plan in a process of its own, because it takes minutes, may need gigabytes, and can always be ended.
//
//   node native/build-plan.mjs <goshawk.node> <BuildPlan as JSON>
//
// Prints JSON lines on stdout: {"phase","fraction"} along the way, at the end {"done":true,"peakMemoryBytes"} or
// {"error":{"code","message"}}.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [addon, spec] = process.argv.slice(2);
const print = (line) => fs.writeSync(1, `${JSON.stringify(line)}\n`);
try {
  // Where memory runs out the kernel should take this process and not the agent.
  fs.writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Not allowed everywhere, and not needed.
}
try {
  const native = createRequire(import.meta.url)(addon);
  const wanted = JSON.parse(spec);
  if (wanted.secret) native.forbidDumps();
  // Before the network is read: what the engine makes of it may be swapped as little as the network.
  const problem = wanted.lockMemory ? native.lockProcess() : '';
  if (problem !== '') {
    const message = `The builder's memory can't be locked: ${problem}.`;
    throw Object.assign(new Error(message), { code: 'native-memory-lock' });
  }
  native.buildEngine({ ...wanted, progressFd: 1 });
  print({ done: true, peakMemoryBytes: process.resourceUsage().maxRSS * 1024 });
} catch (error) {
  print({ error: { code: error.code ?? 'native-engine', message: error.message } });
  process.exitCode = 1;
}
