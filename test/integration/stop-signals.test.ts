import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ddsBuilt } from '../../native/index.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { goshawkCommand, projectRoot, tinyBundleFolder } from './goshawk.ts';
import { freeDomain } from './ros2/free-domain.ts';

const noRos = ddsBuilt('cyclone') ? '' : ' (skipped: goshawk_dds.node is not built)';
/** Between the first signal and the second one; `ros2 launch` sends its own 30 to 70 ms after that of the terminal. */
const delaysMs = [0, 10, 30, 50, 70, 100];

let bundle: string;
let agent: string;
let controller: string;
beforeEach(async () => {
  const folder = temporaryFolder();
  bundle = await tinyBundleFolder(folder);
  const file = (name: string, settings: object) => {
    writeFileSync(join(folder, name), JSON.stringify(settings));
    return join(folder, name);
  };
  // Nobody listens on port 1: both run without a broker too.
  const broker = { url: 'mqtt://127.0.0.1:1' };
  agent = file('agent.json', {
    ...{ device: 'd1', broker, model: bundle, dataDir: join(folder, 'agent') },
    cameras: { front: { source: 'sim' } },
  });
  controller = file('controller.json', { dataDir: join(folder, 'controller'), broker, http: { port: 0 } });
});

const run = () => ['run', '--json', '--model', bundle, '--source', 'sim', '--engine', 'onnxruntime-node'];
const commands: readonly (readonly [name: string, args: () => string[], ready: string, missing: string])[] = [
  ['run', run, '"type":"frame"', ''],
  [
    'run as a node of ROS 2',
    () => [...run(), '--publish', 'ros', '--ros', 'dds', '--ros-args', '-r', '__node:=eyes'],
    '"type":"frame"',
    noRos,
  ],
  ['agent', () => ['agent', '--json', '--config', agent], '"type":"started"', ''],
  ['controller', () => ['controller', '--json', '--config', controller], '"type":"started"', ''],
  ['demo', () => ['demo', '--json', '--port', '0'], '"type":"started"', ''],
  ['broker run', () => ['broker', 'run', '--json', '--port', '0'], '"type":"started"', ''],
];

interface Program {
  readonly process: ChildProcess;
  readonly ended: Promise<{ readonly status: number | NodeJS.Signals | null; readonly text: string }>;
  says(text: string): Promise<void>;
}

/** In a process group of its own, as a shell starts it. */
function start(args: readonly string[], command = goshawkCommand): Program {
  const child = spawn(process.execPath, [...command, ...args], {
    ...{ cwd: projectRoot, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...process.env, ROS_DOMAIN_ID: String(freeDomain()), ROS_LOCALHOST_ONLY: '1' },
  });
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      for (const look of waiting) look();
    });
  const ended = new Promise<{ status: number | NodeJS.Signals | null; text: string }>((done) => {
    child.once('close', (code, signal) => done({ status: signal ?? code, text }));
  });
  const says = (wanted: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => text.includes(wanted) && resolve();
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`It ended before it said ${wanted}:\n${text}`)));
    });
  return { process: child, ended, says };
}

/** Two signals, as near to each other as a timer has it. */
async function signalTwice(send: () => void, delayMs: number): Promise<void> {
  send();
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  try {
    send();
  } catch {
    // It has ended.
  }
}

describe.each(commands)('goshawk %s', (name, args, ready, missing) => {
  const stopped = async (send: (program: Program) => void, delayMs: number) => {
    const program = start(args());
    await program.says(ready);
    await signalTwice(() => send(program), delayMs);
    const { status, text } = await program.ended;
    const when = `${name}, the second signal after ${delayMs} ms:\n${text.slice(-2000)}`;
    // A demo that was ended before a frame was there says so.
    expect(status, when).toBe(text.includes('no frame of camera') ? 1 : 0);
  };

  it.skipIf(missing !== '')(
    `ends with status 0 when SIGINT comes twice, however soon${missing}`,
    async () => {
      for (const delayMs of delaysMs) await stopped(({ process: child }) => child.kill('SIGINT'), delayMs);
    },
    600_000,
  );

  it.skipIf(missing !== '')(
    `and when SIGTERM does, or SIGINT goes to its process group${missing}`,
    async () => {
      await stopped(({ process: child }) => child.kill('SIGTERM'), 30);
      await stopped(({ process: child }) => process.kill(-child.pid!, 'SIGINT'), 30);
    },
    600_000,
  );
});

describe('A stop', () => {
  it('that comes while the program still loads ends it as one that comes later', async () => {
    // SIGINT is listened to before SIGTERM is.
    const tell = `process.on('newListener', (name) => name === 'SIGTERM' && console.error('listens'))`;
    const program = start(run(), ['--import', `data:text/javascript,${tell}`, ...goshawkCommand]);
    await program.says('listens');
    program.process.kill('SIGINT');
    expect(await program.ended).toMatchObject({ status: 0 });
  });

  const hanging = (longestStopMs: number, exitCode?: number) => {
    const script = `import { StopSignals } from './src/cli/stop-signals.ts';
      new StopSignals({ longestStopMs: ${longestStopMs} }).listen();
      ${exitCode === undefined ? '' : `process.exitCode = ${exitCode};`}
      setInterval(() => {}, 1000);
      console.log('ready');`;
    return start(['--input-type=module', '-e', script], ['--import', 'tsx']);
  };

  it('that hangs is ended by a signal that comes 2 s later, with the status of the command where it has one', async () => {
    for (const [exitCode, status] of [
      [undefined, 130],
      [0, 0],
    ] as const) {
      const program = hanging(120_000, exitCode);
      await program.says('ready');
      program.process.kill('SIGINT');
      const again = setInterval(() => program.process.kill('SIGINT'), 2500);
      const { status: ended, text } = await program.ended;
      clearInterval(again);
      expect(ended).toBe(status);
      expect(text).toContain('SIGINT came again');
    }
  });

  it('that hangs ends by itself, and SIGQUIT ends it at any time', async () => {
    const patient = hanging(200);
    await patient.says('ready');
    patient.process.kill('SIGTERM');
    expect(await patient.ended).toMatchObject({
      ...{ status: 130, text: expect.stringContaining('did not end within 0.2 s of SIGTERM') },
    });
    const impatient = hanging(120_000);
    await impatient.says('ready');
    impatient.process.kill('SIGINT');
    impatient.process.kill('SIGQUIT');
    expect(await impatient.ended).toMatchObject({ status: 'SIGQUIT' });
  });
});
