import { type ChildProcess, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { start, tinyBundleFolder } from './goshawk.ts';

const python = '/usr/bin/python3';
const why =
  missingPlugin('onnxruntime') ??
  (spawnSync(python, ['--version']).status === 0 ? undefined : `there is no ${python} to signal a thread`);

interface Line {
  readonly msg?: string;
  readonly engine?: string;
  readonly event?: string;
  readonly reason?: string;
}

/** An agent, and the first line of its log that `wanted` takes. */
class Agent {
  readonly process: ChildProcess;
  readonly ended: Promise<NodeJS.Signals | null>;
  #text = '';

  constructor(settings: string) {
    this.process = start('agent', '--config', settings, '--json');
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#text += text;
      });
    this.ended = new Promise((done) => this.process.once('close', (_, signal) => done(signal)));
  }

  async line(wanted: (line: Line) => boolean): Promise<Line> {
    for (let tries = 0; tries < 600; tries++) {
      const found = this.#text
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line) as Line)
        .find(wanted);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return expect.unreachable(`no such line in:\n${this.#text}`);
  }
}

/** A fault in the newest thread of the process: any but JavaScript's own is taken for the engine's. */
function faultIn(pid: number): void {
  const threads = readdirSync(`/proc/${pid}/task`).map(Number);
  const thread = Math.max(...threads);
  const tgkill = { x64: 234, arm64: 131 }[process.arch as 'x64' | 'arm64'];
  const script = `import ctypes; ctypes.CDLL(None).syscall(${tgkill}, ${pid}, ${thread}, 11)`;
  expect(spawnSync(python, ['-c', script]).status).toBe(0);
}

describe.skipIf(why !== undefined)(titled('An agent whose engine crashes', why), () => {
  let agent: Agent | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-engine-crash-'));

  afterEach(() => {
    agent?.process.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('names it at its next start and runs on another one', { timeout: 60_000 }, async () => {
    const settings = join(folder, 'agent.json');
    writeFileSync(
      settings,
      JSON.stringify({
        device: 'd1',
        dataDir: join(folder, 'data'),
        // Nobody is there: the agent perceives all the same.
        broker: { url: 'mqtt://127.0.0.1:9' },
        model: await tinyBundleFolder(folder),
        cameras: { front: { source: 'sim', fps: 5 } },
      }),
    );
    agent = new Agent(settings);
    const first = await agent.line(({ msg }) => msg === 'engine chosen');
    expect(first.engine).toBe('onnxruntime');
    await agent.line(({ msg }) => msg === 'The agent looks after its device');
    faultIn(agent.process.pid ?? 0);
    expect(await agent.ended).toBe('SIGSEGV');

    agent = new Agent(settings);
    const second = await agent.line(({ msg }) => msg === 'engine chosen');
    expect(second.engine).toBe('onnxruntime-node');
    expect(second.reason).toContain('onnxruntime: it crashed the last time');
    const told = await agent.line(({ event }) => event === 'engine.crashed');
    expect(told.msg).toMatch(/The engine onnxruntime crashed \(SIGSEGV\); this device runs on another one/);
  });
});
