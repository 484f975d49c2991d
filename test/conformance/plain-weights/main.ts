/**
 * `npm run check -- plain-weights`: a device on an ext4 of its own enrols, is ordered an encrypted model by the commands that an
 * operator has, and runs it; then every byte of its disk is searched for the weights, deleted files and free blocks too. Needs
 * root, loop devices and mosquitto.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, Program } from '../../integration/fleet/program.ts';
import { ended, jsonLines, start } from '../../integration/goshawk.ts';
import { piecesFound, piecesOf } from './search.ts';

const minutes = 60_000;
const say = (line: string) => process.stdout.write(`${line}\n`);
const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' }).trim();

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root, to mount';
  for (const program of ['mkfs.ext4', 'losetup', 'mosquitto'])
    try {
      run('sh', '-c', `PATH=$PATH:/usr/sbin command -v ${program}`);
    } catch {
      return `${program} is not installed`;
    }
  return undefined;
}

async function goshawk(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await ended(start(...args, '--json'));
  if (code !== 0) throw new Error(`goshawk ${args.slice(0, 3).join(' ')}: ${stderr}${stdout}`);
  return jsonLines(stdout)[0] ?? {};
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const reason = whyNot();
if (reason !== undefined) {
  say(`skipped: ${reason}`);
  process.exit(0);
}

const base = mkdtempSync(join(tmpdir(), 'goshawk-plain-weights-'));
const file = (...names: string[]) => join(base, ...names);
const ends: (() => unknown)[] = [() => rmSync(base, { recursive: true, force: true })];
const program = (...args: string[]) => {
  const begun = new Program(`goshawk ${args.join(' ')}`, start(...args, '--json'));
  ends.push(() => begun.end());
  return begun;
};

/** A controller with certificates of its own; gives back what commands to it need. */
async function startFleet(): Promise<string[]> {
  const [brokerPort, devicesPort] = [await freePort(), await freePort()];
  const ca = file('controller', 'ca');
  await goshawk('controller', 'ca', 'init', '--dir', ca, '--root-out', file('safe'));
  const issue = ['controller', 'ca', 'issue', '--dir', ca, '--out', file('broker')];
  await goshawk(...issue, '--as', 'server', '--name', '127.0.0.1');
  await goshawk(...issue, '--as', 'client', '--name', 'controller');
  copyFileSync(join(ca, 'root.crt'), file('broker', 'ca.crt'));
  const tls = Object.entries({ caFile: 'ca.crt', certFile: 'controller.crt', keyFile: 'controller.key' });
  const access = Object.fromEntries(tls.map(([name, path]) => [name, file('broker', path)]));
  const settings = {
    dataDir: file('controller'),
    broker: { url: `mqtts://127.0.0.1:${brokerPort}`, ...access },
    http: { port: 0 },
    devices: { names: ['127.0.0.1'], host: '127.0.0.1', port: devicesPort },
  };
  writeFileSync(file('controller.json'), JSON.stringify(settings));
  await goshawk(
    ...['broker', 'config', '--for', 'mosquitto', '--config', file('controller.json')],
    ...['--folder', file('broker'), '--out', file('broker')],
  );
  const conf = file('broker', 'goshawk.conf');
  const ours = readFileSync(conf, 'utf8')
    .replace(`listener ${brokerPort}`, `listener ${brokerPort} 127.0.0.1`)
    .replace(/^persistence.*$/gm, '');
  writeFileSync(conf, `user root\n${ours}`);
  copyFileSync(join(ca, 'devices.crl'), file('broker', 'devices.crl'));
  const broker = Program.other('mosquitto', ['-c', conf]);
  ends.push(() => broker.end());
  const started = await program('controller', '--config', file('controller.json')).line(
    'started',
    2 * minutes,
  );
  return [
    '--url',
    String(started.url),
    '--token',
    readFileSync(file('controller', 'admin.token'), 'utf8').trim(),
  ];
}

try {
  const disk = file('disk');
  const mounted = file('mounted');
  mkdirSync(mounted);
  run('truncate', '-s', '192M', disk);
  run('mkfs.ext4', '-q', '-F', disk);
  const loop = run('losetup', '--find', '--show', disk);
  ends.push(() => run('losetup', '--detach', loop));
  run('mount', loop, mounted);
  let unmount = () => run('umount', mounted);
  ends.push(() => unmount());

  const target = await startFleet();
  await goshawk('claim', 'create', '--name', 'one', '--out', file('claim.token'), ...target);
  writeFileSync(
    file('agent.json'),
    JSON.stringify({
      ...{
        device: 'cam-1',
        dataDir: join(mounted, 'agent'),
        engine: 'onnxruntime-node',
        probationSeconds: 0,
      },
      ...{ enrolment: { claimFile: file('claim.token') }, model: 'models/street' },
      cameras: { front: { source: 'sim', fps: 2 } },
    }),
  );
  const agent = program('agent', '--config', file('agent.json'));
  await agent.line('started', 5 * minutes);
  const devices = async () =>
    JSON.stringify(await goshawk('device', 'show', 'cam-1', ...target).catch(() => ''));
  await eventually(
    'the device is online',
    async () => (await devices()).includes('"online":true'),
    5 * minutes,
  );
  say('the device has enrolled');

  const identity = join(mounted, 'agent', 'identity');
  await goshawk(
    ...['model', 'encrypt', 'models/street-int8', '--for', join(identity, 'device.crt')],
    ...['--key', file('model.key'), '--out', file('sealed')],
  );
  const [url = '', token = ''] = [target[1], target[3]];
  const pushed = await goshawk('model', 'push', file('sealed'), '--url', url, '--token', token);
  const name = `${String(pushed.name)}@${String(pushed.version)}`;
  await goshawk('model', 'deploy', name, '--device', 'cam-1', '--wait', ...target);
  const serves = async () => {
    const { reported } = (await goshawk('device', 'show', 'cam-1', ...target)) as {
      readonly reported?: {
        readonly slots: { readonly main?: { readonly loaded?: { readonly digest: string } } };
      };
    };
    return reported?.slots.main?.loaded?.digest === pushed.digest;
  };
  await eventually('the encrypted model serves', serves, 5 * minutes);
  say('the encrypted model serves');
  // And again after a start of the agent.
  await agent.end();
  const again = program('agent', '--config', file('agent.json'));
  await again.line('started', 5 * minutes);
  await again.end();
  run('sync');
  unmount();
  unmount = () => '';

  const bytes = readFileSync(disk);
  // Biases and words of ONNX that the plain model has too say nothing of the encrypted one.
  const plain = readFileSync('models/street/street.onnx');
  let bad = 0;
  for (const [folder, wanted] of [
    ['models/street-int8', false],
    ['models/street', true],
    [file('sealed'), true],
  ] as const)
    for (const name of readdirSync(folder).filter((one) => /\.(onnx|sealed)$/.test(one))) {
      const all = piecesOf(readFileSync(join(folder, name)));
      const pieces = wanted ? all : all.filter((piece) => !plain.includes(piece));
      const found = piecesFound(bytes, pieces);
      const isBad = wanted ? found === 0 : found > 0;
      if (isBad) bad += 1;
      say(`${isBad ? 'BAD ' : ''}${join(folder, name)}: ${found} of ${pieces.length} pieces are on the disk`);
    }
  say(`${bytes.length} bytes of disk were searched`);
  process.exitCode = bad === 0 ? 0 : 1;
} finally {
  for (const end of ends.reverse()) await end();
}
