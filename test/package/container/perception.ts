/* What a device does, done inside the container by the program of the image. */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingRtspServer } from '../../fixtures/cameras/rtsp-camera.ts';
import type { Steps } from '../../image/steps.ts';
import { expect, install, projectRoot, until } from './programs.ts';
import type { Network, RunningContainer } from './running.ts';

const root = '/usr/lib/goshawk-agent';
const goshawk = '/usr/bin/goshawk';
const model = `${root}/models/street`;
const addons = ['goshawk.node', 'goshawk_dds.node', 'goshawk_fastdds.node', 'goshawk_gstreamer.node'];
const framesOf = (text: string) => text.split('\n').filter((line) => line.includes('"type":"frame"'));

export async function perceptionSteps(
  steps: Steps,
  container: RunningContainer,
  rootfs: string,
  network: Network,
): Promise<void> {
  await loadAddons(steps, container, rootfs);
  for (const engine of ['onnxruntime', 'onnxruntime-node']) await runEngine(steps, container, engine);
  await cameras(steps, container, network);
  for (const adapter of ['dds', 'fastdds']) await rosBothWays(steps, container, adapter);
  await isolated(steps, container);
  await selftest(steps, container);
}

/** In a process of its own each, by the image's own Node. */
async function loadAddons(steps: Steps, container: RunningContainer, rootfs: string): Promise<void> {
  const folder = `${root}/native/build/out`;
  const there = readdirSync(join(rootfs, folder)).filter((name) => name.endsWith('.node'));
  for (const file of new Set([...addons, ...there]))
    await steps.step(`${file} is loaded`, async () => {
      container.must(`${root}/bin/node`, '-e', `process.dlopen({ exports: {} }, '${folder}/${file}')`);
      return undefined;
    });
}

async function runEngine(steps: Steps, container: RunningContainer, engine: string): Promise<void> {
  await steps.step(`the bundle in the image runs on ${engine}`, async () => {
    const command = [
      'run',
      '--model',
      model,
      '--source',
      'sim',
      '--engine',
      engine,
      '--frames',
      '3',
      '--json',
    ];
    const text = container.must(goshawk, ...command);
    const summary = text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
      .find(({ type }) => type === 'summary');
    expect(summary?.engine === engine && summary.frames.processed === 3, JSON.stringify(summary));
    return { detections: summary.detections };
  });
}

/** GStreamer's own RTSP server, a program of this machine in the container's network. */
async function cameras(steps: Steps, container: RunningContainer, network: Network): Promise<void> {
  const server = join(projectRoot, 'test/fixtures/cameras/rtsp_server.py');
  if (missingRtspServer() !== undefined) installServer();
  for (const [codec, decoders] of Object.entries({
    h264: ['gstreamer', 'ffmpeg'],
    h265: ['gstreamer', 'ffmpeg'],
  })) {
    const args = [server, '--port', '0', '--codec', codec, '--size', '320x240'];
    const child = network.spawn('/usr/bin/python3', ...args);
    const port = await readyPort(child);
    if (port === undefined) {
      steps.skip(`an RTSP camera of ${codec}`, 'python3-gi and gir1.2-gst-rtsp-server-1.0 are not to be had');
      continue;
    }
    for (const decoder of decoders)
      await steps.step(`an RTSP camera of ${codec} by ${decoder}`, async () => {
        const source = `rtsp://127.0.0.1:${port}/x#decoder=${decoder}`;
        const text = container.must(
          ...[goshawk, 'run', '--model', model, '--source', source, '--frames', '5', '--json'],
        );
        const frames = framesOf(text);
        expect(
          frames.length === 5 && frames.every((line) => line.includes('"width":320')),
          text.slice(-1_000),
        );
        return undefined;
      });
    child.kill('SIGKILL');
  }
}

function installServer(): void {
  install([
    ...['python3-gi', 'gir1.2-gst-rtsp-server-1.0', 'gstreamer1.0-plugins-base'],
    ...['gstreamer1.0-plugins-good', 'gstreamer1.0-plugins-bad', 'gstreamer1.0-plugins-ugly'],
  ]);
}

/** Undefined where it ends before. */
function readyPort(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const [, port] = /ready (\d+)/.exec(text) ?? [];
      if (port !== undefined) resolve(port);
    });
    child.once('close', () => resolve(undefined));
  });
}

/** Two processes of the image: pictures go out of one and into the other. */
async function rosBothWays(steps: Steps, container: RunningContainer, adapter: string): Promise<void> {
  await steps.step(
    `ROS 2 by ${adapter}: pictures and detections out of one node and into another`,
    async () => {
      const publisher = container.beside(
        ...[goshawk, 'run', '--model', model, '--source', 'sim', '--publish', 'ros', '--ros', adapter],
        ...['--ros-node', '/eyes', '--json', '--duration', '10m'],
      );
      try {
        await until(
          () => `it publishes; it said ${publisher.text().slice(-1_000)}`,
          () => framesOf(publisher.text()).length > 0,
        );
        const text = container.must(
          ...[goshawk, 'run', '--model', model, '--source', 'ros:/eyes/annotated', '--ros', adapter],
          ...['--ros-node', '/other', '--frames', '3', '--json'],
        );
        const frames = framesOf(text);
        expect(
          frames.length === 3 && frames.every((line) => line.includes('"width":640')),
          text.slice(-1_000),
        );
      } finally {
        await publisher.end();
      }
      return undefined;
    },
  );
}

/** Programs of the container, by what they were started with. */
function processes(words: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]?.endsWith(words) === true &&
          /^Uid:\t10001\t/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
        );
      } catch {
        return false;
      }
    });
}

async function isolated(steps: Steps, container: RunningContainer): Promise<void> {
  await steps.step('the engine has a process of its own; it is killed, and the agent goes on', async () => {
    const hosts = () => processes('/goshawk-engine-host');
    const [first] = hosts();
    if (first === undefined) throw new Error(`no process of an engine; it said ${container.words}`);
    const agent = container.pid;
    process.kill(first, 'SIGKILL');
    await until(
      () => `another process of the engine; it said ${container.words}`,
      () => hosts().some((pid) => pid !== first),
    );
    await container.perceives(container.frames());
    expect(container.pid === agent, 'the agent was started again');
    return undefined;
  });
}

async function selftest(steps: Steps, container: RunningContainer): Promise<void> {
  await steps.step('goshawk selftest: nothing fails', async () => {
    const { status, stdout, stderr } = container.exec(goshawk, 'selftest', '--time', '300ms', '--json');
    const { trials } = JSON.parse(stdout.trim().split('\n').at(-1) || '{"trials":[]}') as {
      readonly trials: readonly { readonly group: string; readonly name: string; readonly state: string }[];
    };
    const failed = trials.filter(({ state }) => state === 'fails');
    expect(status === 0 && failed.length === 0, `${JSON.stringify(failed)} ${stderr.slice(-500)}`);
    const works = trials.filter(({ state }) => state === 'works');
    for (const group of ['engines', 'decoders', 'ros2'])
      expect(
        works.some((one) => one.group === group),
        `nothing of ${group} works: ${JSON.stringify(trials)}`,
      );
    return { works: works.length, of: trials.length };
  });
}
