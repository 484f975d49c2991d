/*
 * What each transition of the managed node costs, as its client sees it: `npm run bench -- ros2-lifecycle --rounds 20
 * --model models/street-int8`. Needs Cyclone DDS's addon.
 */
import { parseArgs } from 'node:util';
import { percentile } from '../../../src/base/index.ts';
import { startWith } from '../../integration/goshawk.ts';
import { freeDomain } from '../../integration/ros2/free-domain.ts';
import { LifecycleClient } from '../../integration/ros2/lifecycle-client.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    model: { type: 'string', default: 'models/street-int8' },
  },
});
const domain = freeDomain();
const program = startWith(
  { ROS_DOMAIN_ID: String(domain), ROS_LOCALHOST_ONLY: '1' },
  ...['run', '--model', values.model, '--source', 'ros:/camera/image_raw', '--json'],
  ...['--publish', 'ros', '--ros', 'dds', '--no-ros-auto-activate'],
);
program.stderr?.pipe(process.stderr);
program.stdout?.resume();
const manager = new LifecycleClient('/goshawk', domain);
await manager.state();

const took = new Map<string, number[]>();
const change = async (label: string) => {
  const began = performance.now();
  if (!(await manager.change(label))) throw new Error(`${label} failed`);
  took.set(label, [...(took.get(label) ?? []), performance.now() - began]);
};
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const label of ['configure', 'activate', 'deactivate', 'cleanup']) await change(label);
}
await change('shutdown');
await new Promise((resolve) => program.once('close', resolve));
manager.close();
for (const [label, times] of took) {
  const at = (part: number) => percentile(times, part).toFixed(1);
  process.stdout.write(`${label.padEnd(12)}${times.length} times: p50 ${at(0.5)}, p99 ${at(0.99)} ms\n`);
}
