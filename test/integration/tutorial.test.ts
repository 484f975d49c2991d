import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startedLines } from '../../src/cli/commands/demo.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { eventually } from './fleet/program.ts';
import { goshawkCommand, projectRoot } from './goshawk.ts';

vi.setConfig({ testTimeout: 1_800_000 });

interface Block {
  readonly kind: 'commands' | 'output';
  readonly text: string;
}

/** Fenced blocks of the page: `sh` is typed, `text` is what comes of the one before. */
const blocks: readonly Block[] = [
  ...readFileSync(join(projectRoot, 'docs/tutorial.md'), 'utf8').matchAll(/^```(\w*)\n(.*?)^```$/gms),
].map(([, language = '', text = '']) => {
  if (language !== 'sh' && language !== 'text') throw new Error(`a block of "${language}": sh or text?`);
  return { kind: language === 'sh' ? 'commands' : 'output', text };
});

/** What this test does not type, and where else it is tried. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ['npm run build && export PATH="$PWD/node_modules/.bin:$PATH"\n', 'test/integration/tutorial.test.ts'],
]);

/** A program that goes on, the last command of its block: the fleet in its terminal, or the agent in the background. */
const program = /^(?:npm start --|goshawk (agent)) (.*?)(?: > \S+ 2>&1 &)?\n$/m;
type ProgramName = 'fleet' | 'agent';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A checkout as far as the page needs one, and shells in it that share their environment, as one terminal does. */
class Terminals {
  readonly folder = temporaryFolder();
  readonly #environment = join(this.folder, 'environment');
  readonly #env: NodeJS.ProcessEnv;

  constructor() {
    for (const name of ['models', 'node_modules', 'src'])
      symlinkSync(join(projectRoot, name), join(this.folder, name));
    const bin = join(this.folder, 'bin');
    mkdirSync(bin);
    const options = goshawkCommand.slice(0, -1).join(' ');
    const main = join(projectRoot, goshawkCommand.at(-1) ?? '');
    writeFileSync(join(bin, 'goshawk'), `#!/bin/sh\nexec "${process.execPath}" ${options} "${main}" "$@"\n`);
    chmodSync(join(bin, 'goshawk'), 0o755);
    writeFileSync(this.#environment, '');
    // Other tests may have the usual port of the metrics.
    const none = {
      GOSHAWK_URL: '',
      GOSHAWK_TOKEN: '',
      GOSHAWK_CONTEXT: '',
      XDG_CONFIG_HOME: join(this.folder, 'home'),
    };
    this.#env = { ...process.env, ...none, PATH: `${bin}:${process.env.PATH}`, GOSHAWK_PROMETHEUS_PORT: '0' };
  }

  /** Runs the commands to their end; gives what they print. */
  run(commands: string): { readonly code: number | null; readonly said: string } {
    const script = `set -e\n. ${this.#environment}\n${commands}\nexport -p > ${this.#environment}\n`;
    const ran = spawnSync('bash', ['-c', script], { cwd: this.folder, env: this.#env, encoding: 'utf8' });
    return { code: ran.status, said: `${ran.stdout}${ran.stderr}` };
  }

  start(command: string): ChildProcess {
    const script = `. ${this.#environment}\nexec ${command}`;
    const child = spawn('bash', ['-c', script], {
      cwd: this.folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  }
}

/** What a program of a terminal says, and that it goes on. */
class Typed {
  readonly command: string;
  readonly child: ChildProcess;
  #said = '';

  constructor(command: string, child: ChildProcess) {
    this.command = command;
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
      });
  }

  get said(): string {
    return this.#said;
  }

  async says(words: string): Promise<void> {
    const ended = () => this.child.exitCode !== null;
    await eventually(`${this.command} says ${words}`, () => ended() || this.#said.includes(words), 120_000);
    expect(this.#said).toContain(words);
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const exit = new Promise<number | null>((resolve) => this.child.once('close', resolve));
    this.child.kill(signal);
    return exit;
  }
}

/** `...` stands for anything within a line. */
function asPattern(line: string): RegExp {
  const escaped = line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replaceAll('\\.\\.\\.', '.*'));
}

describe('docs/tutorial.md', () => {
  it('finds the program on the PATH that it sets, once it is built', () => {
    const built = spawnSync(process.execPath, ['deploy/checkout/build.mjs'], {
      cwd: projectRoot,
      encoding: 'utf8',
    });
    expect(built.status, built.stderr).toBe(0);
    const PATH = `${join(projectRoot, 'node_modules/.bin')}:${process.env.PATH}`;
    const said = spawnSync('goshawk', ['--version'], { encoding: 'utf8', env: { ...process.env, PATH } });
    expect(said.stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('shows what the demo prints', () => {
    const shown =
      blocks
        .find(({ kind }) => kind === 'output')
        ?.text.trimEnd()
        .split('\n') ?? [];
    const place = {
      dashboard: 'http://127.0.0.1:8080/#token=gsk_1',
      adminTokenFile: 'build/tutorial/fleet/controller/admin.token',
    };
    const lines = startedLines(place as Parameters<typeof startedLines>[0]);
    expect(lines).toHaveLength(shown.length);
    for (const [i, line] of shown.entries()) expect(lines[i]).toMatch(asPattern(line));
  });

  it('can be typed to its end', async () => {
    const terminals = new Terminals();
    const port = String(await freePort());
    const onThisMachine = (text: string) => text.replaceAll('8080', port);
    const running = new Map<ProgramName, Typed>();
    const typed = { commands: 0, programs: 0, outputs: 0 };

    const startProgram = async (name: ProgramName, command: string) => {
      const before = running.has(name) ? session() : undefined;
      const started = new Typed(command, terminals.start(command));
      running.set(name, started);
      if (name === 'fleet') await started.says('Two devices watch a simulated street.');
      else await online(before);
    };
    const session = () => /session (\d+)/.exec(terminals.run('goshawk device show yard-1').said)?.[1];
    /** The page says nothing of waiting; who types is slower than a device. */
    const online = (before: string | undefined) =>
      eventually(
        'the device is online, and was started again',
        () =>
          terminals.run('goshawk device show yard-1 --json').said.includes('"online":true') &&
          session() !== before,
        240_000,
        1000,
      );

    let said = '';
    let skipped = false;
    for (const { kind, text: written } of blocks) {
      const text = onThisMachine(written);
      if (kind === 'output') {
        if (skipped) continue;
        for (const line of text.trimEnd().split('\n')) expect(said).toMatch(asPattern(line));
        typed.outputs += 1;
        continue;
      }
      skipped = elsewhere.has(written);
      if (skipped) continue;
      const [line, agent, given = ''] = program.exec(text) ?? [];
      if (line === undefined) {
        const wanted = Number(/# exit status (\d+)/.exec(text)?.[1] ?? 0);
        const ran = terminals.run(text);
        said = ran.said;
        expect(ran.code, `${text}\n${said}`).toBe(wanted);
        typed.commands += 1;
        continue;
      }
      // The checkout is there: of the first block the fleet alone is started.
      const command = agent === undefined ? `goshawk demo --port ${port} ${given}` : `goshawk agent ${given}`;
      await startProgram(agent === undefined ? 'fleet' : 'agent', command);
      said = running.get('fleet')?.said ?? '';
      typed.programs += 1;
    }

    // Every kind of block was there, and the page is not longer than what was typed.
    expect(typed).toEqual({ commands: 10, programs: 2, outputs: 3 });
    expect(terminals.run('goshawk event list --device yard-1').said).toMatch(/committed/);

    // "Break it": nothing of it is a command.
    const [fleet, agent] = [running.get('fleet'), running.get('agent')];
    expect(await agent?.end('SIGKILL')).toBeNull();
    await startProgram('agent', agent?.command ?? '');
    expect(await fleet?.end('SIGINT'), fleet?.said.slice(-2000)).toBe(0);
    const restartedMs = Date.now();
    await startProgram('fleet', fleet?.command ?? '');
    await eventually(
      'every device is heard by the fleet that was started again',
      () => {
        const { said } = terminals.run('goshawk device list --json');
        const { devices = [] } = JSON.parse(said.startsWith('{') ? said : '{}') as {
          devices?: { online: boolean; fps?: number; lastSeenMs: number }[];
        };
        return (
          devices.length === 3 &&
          devices.every(({ online, fps = 0, lastSeenMs }) => online && fps > 0 && lastSeenMs > restartedMs)
        );
      },
      240_000,
      1000,
    );
    const device = terminals.run('goshawk device show yard-1').said;
    expect(device).toMatch(/^slot main: street 1.*, committed/m);
    for (const name of ['agent', 'fleet'] as const)
      expect(
        await running.get(name)?.end('SIGTERM'),
        `${name}\n${running.get(name)?.said.slice(-2000)}`,
      ).toBe(0);
  });

  it('names a test for what is not typed here', () => {
    const page = blocks.map(({ text }) => text);
    for (const [text, test] of elsewhere) {
      expect(page).toContain(text);
      expect(readFileSync(join(projectRoot, test), 'utf8')).toMatch(/\bit\(|\bit\./);
    }
  });
});
