/**
 * How the cost of one controller grows with its fleet: `npm run bench -- ingest-sizes [--sizes 100,1000,5000,10000,20000]
 * [--seconds 60] [--store sqlite|postgres] [--to docs/pictures/fleet-sizes.svg]`. Each size is a process of its own, of devices as
 * they are by default: 60 values every ten seconds. Prints a line for each and draws processor time and memory.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { projectRoot } from '../integration/goshawk.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100,1000,5000,10000,20000' },
    seconds: { type: 'string', default: '60' },
    store: { type: 'string', default: 'sqlite' },
    to: { type: 'string' },
  },
});

interface Measured {
  readonly devices: number;
  readonly samplesPerSecond: number;
  readonly behind: number;
  readonly memoryMb: number;
  readonly cpuUsPerSample: number;
  readonly apiP95Ms: number;
  readonly eventP95Ms: number;
}

function measure(devices: string): Measured {
  const program = ['--import', 'tsx', 'test/bench/controller-ingest.ts', '--json'];
  const load = ['--devices', devices, '--batch', '1', '--period', '10', '--metrics', '60'];
  const args = [...program, ...load, '--seconds', values.seconds, '--store', values.store];
  const ran = spawnSync(process.execPath, args, { cwd: projectRoot, encoding: 'utf8' });
  const last = ran.stdout.trim().split('\n').at(-1) ?? '';
  if (ran.status !== 0 || !last.startsWith('{')) throw new Error(ran.stderr || ran.stdout);
  console.log(last);
  return JSON.parse(last) as Measured;
}

const cores = ({ devices, cpuUsPerSample }: Measured) => (devices * 6 * cpuUsPerSample) / 1e6;

/** Both axes by powers of ten. */
function chart(all: readonly Measured[]): string {
  const [left, top, width, height] = [70, 50, 560, 260];
  const [firstPower, lastPower] = [2, 4.5];
  const x = (devices: number) =>
    left + ((Math.log10(devices) - firstPower) / (lastPower - firstPower)) * width;
  const lines = [
    { name: 'cores', color: '#2563eb', value: cores, low: -2, high: 1 },
    { name: 'memory, GB', color: '#c2410c', value: (one: Measured) => one.memoryMb / 1000, low: -2, high: 1 },
  ];
  const y = (value: number, low: number, high: number) =>
    top + height - ((Math.log10(value) - low) / (high - low)) * height;
  const text = (at: readonly [number, number], words: string, more = '') =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${words}</text>`;
  const marks = [0.01, 0.1, 1, 10].map((value) => {
    const at = y(value, -2, 1).toFixed(1);
    const line = `<path d="M${left} ${at}H${left + width}" stroke="#d4d4d8"/>`;
    return line + text([left - 8, Number(at) + 4], String(value), 'text-anchor="end"');
  });
  const sizes = all.map(({ devices }) =>
    text([x(devices), top + height + 20], devices.toLocaleString('en'), 'text-anchor="middle"'),
  );
  const drawn = lines.map(({ name, color, value, low, high }, at) => {
    const points = all.map((one) => [x(one.devices), y(value(one), low, high)] as const);
    const path = points.map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`).join('L');
    const dots = points.map(
      ([px, py]) => `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="4" fill="${color}"/>`,
    );
    const label = text([left + at * 150, top - 20], name, `fill="${color}"`);
    return `<path d="M${path}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}${label}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 40} ${top + height + 50}" role="img" aria-label="Processor cores and memory of one controller by the number of devices" font-family="system-ui, sans-serif" font-size="13" fill="#52525b">
<rect width="100%" height="100%" fill="#fff"/>
${[...marks, ...sizes, ...drawn, text([left + width / 2, top + height + 42], 'devices', 'text-anchor="middle"')].join('\n')}
</svg>
`;
}

const all = values.sizes.split(',').map(measure);
if (values.to !== undefined) writeFileSync(values.to, chart(all));
