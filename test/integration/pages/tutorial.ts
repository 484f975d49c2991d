import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../fleet/program.ts';
import { projectRoot } from '../goshawk.ts';

/* docs/tutorial.md as a reader types it: in terminals of a checkout here, or of a clean system. */

export interface Block {
  readonly kind: 'commands' | 'output';
  readonly text: string;
}

/** Fenced blocks of the page: `sh` is typed, `text` is the output of the previous one. */
export const blocks: readonly Block[] = [
  ...readFileSync(join(projectRoot, 'docs/tutorial.md'), 'utf8').matchAll(/^```(\w*)\n(.*?)^```$/gms),
].map(([, language = '', text = '']) => {
  if (language !== 'sh' && language !== 'text') throw new Error(`a block of "${language}": sh or text?`);
  return { kind: language === 'sh' ? 'commands' : 'output', text };
});

/** A program that continues, the last command of its block: the fleet in its terminal, or the agent in the background. */
const program = /^(?:npm start --|goshawk (agent)) (.*?)(?: > \S+ 2>&1 &)?\n$/m;
type ProgramName = 'fleet' | 'agent';

export interface Shell {
  /** A command and its first words; the script is the last one. */
  readonly command: readonly string[];
  readonly options: { readonly cwd?: string; readonly env: NodeJS.ProcessEnv };
  /** A file, as the shell sees it, that keeps the environment from one command to the next, as one terminal does. */
  readonly environment: string;
}

/** Terminals that share their environment. */
export class Terminals {
  readonly #shell: Shell;
  readonly #children: ChildProcess[] = [];

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** Runs the commands to their end; gives what they print. */
  run(commands: string): { readonly code: number | null; readonly said: string } {
    const [command = '', ...args] = this.#shell.command;
    const { environment, options } = this.#shell;
    const script = `set -e\n. ${environment}\n${commands}\nstatus=$?\n{ export -p; echo "cd '$PWD'"; } > ${environment}\nexit $status\n`;
    const ran = spawnSync(command, [...args, script], { ...options, encoding: 'utf8', maxBuffer: 64 << 20 });
    return { code: ran.status, said: `${ran.stdout}${ran.stderr}` };
  }

  start(typed: string): ChildProcess {
    const [command = '', ...args] = this.#shell.command;
    const child = spawn(command, [...args, `. ${this.#shell.environment}\nexec ${typed}`], {
      ...this.#shell.options,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl+C and `kill %1` reach all of it.
      detached: true,
    });
    this.#children.push(child);
    return child;
  }

  close(): void {
    for (const child of this.#children) signalGroup(child, 'SIGKILL');
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

/** A program of a terminal: its output, and whether it still runs. */
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

  async says(words: string, withinMs: number): Promise<void> {
    const ended = () => this.child.exitCode !== null;
    await eventually(`${this.command} says ${words}`, () => ended() || this.#said.includes(words), withinMs);
    assert(this.#said.includes(words), `${this.command} ended: ${this.#said.slice(-2000)}`);
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const exit = new Promise<number | null>((resolve) => this.child.once('close', resolve));
    signalGroup(this.child, signal);
    return exit;
  }
}

/** `...` stands for anything within a line. */
export function asPattern(line: string): RegExp {
  const escaped = line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replaceAll('\\.\\.\\.', '.*'));
}

export interface Typing {
  /** In place of 8080. */
  readonly port: number;
  /** What is typed in place of a command of the page. */
  readonly instead?: (command: string) => string;
  /** Blocks that are not typed. */
  readonly leftOut?: (text: string) => boolean;
  /** Until the fleet runs; its first start may install and build. */
  readonly startMs: number;
}

/** Types the page to its end, with "Break it"; gives how many blocks of each kind there were. */
export async function typeTutorial(
  terminals: Terminals,
  { port, instead = (command) => command, leftOut = () => false, startMs }: Typing,
): Promise<{ commands: number; programs: number; outputs: number }> {
  const onThisMachine = (text: string) => text.replaceAll('8080', String(port));
  const running = new Map<ProgramName, Typed>();
  const typed = { commands: 0, programs: 0, outputs: 0 };

  const session = () => /session (\d+)/.exec(terminals.run('goshawk device show yard-1').said)?.[1];
  /** The page says nothing of waiting; a reader is slower than a device. */
  const online = (before: string | undefined) =>
    eventually(
      'the device is online, and was started again',
      () =>
        terminals.run('goshawk device show yard-1 --json').said.includes('"online":true') &&
        session() !== before,
      240_000,
      1000,
    );
  const startProgram = async (name: ProgramName, command: string) => {
    const before = running.has(name) ? session() : undefined;
    const started = new Typed(command, terminals.start(command));
    running.set(name, started);
    if (name === 'fleet') await started.says('Two devices watch a simulated street.', startMs);
    else await online(before);
  };

  let said = '';
  let skipped = false;
  for (const { kind, text: written } of blocks) {
    const text = onThisMachine(written);
    if (kind === 'output') {
      if (skipped) continue;
      for (const line of text.trimEnd().split('\n')) assert.match(said, asPattern(line));
      typed.outputs += 1;
      continue;
    }
    skipped = leftOut(written);
    if (skipped) continue;
    const [line, agent, given = ''] = program.exec(text) ?? [];
    // Before the program of a block, the other commands of it.
    const commands = line === undefined ? text : text.slice(0, text.indexOf(line));
    if (commands.trim() !== '') {
      const wanted = Number(/# exit status (\d+)/.exec(commands)?.[1] ?? 0);
      const ran = terminals.run(instead(commands));
      said = ran.said;
      assert.equal(ran.code, wanted, `${commands}\n${said}`);
      if (line === undefined) typed.commands += 1;
    }
    if (line === undefined) continue;
    const start = instead(agent === undefined ? `npm start -- ${given}` : `goshawk agent ${given}`);
    await startProgram(agent === undefined ? 'fleet' : 'agent', start);
    said = running.get('fleet')?.said ?? '';
    typed.programs += 1;
  }
  assert.match(terminals.run('goshawk event list --device yard-1').said, /committed/);

  // "Break it": nothing of it is in a block.
  const [fleet, agent] = [running.get('fleet'), running.get('agent')];
  assert.equal(await agent?.end('SIGKILL'), null);
  await startProgram('agent', agent?.command ?? '');
  await endInOrder(fleet, 'SIGINT');
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
  assert.match(terminals.run('goshawk device show yard-1').said, /^slot main: street 1.*, committed/m);
  for (const name of ['agent', 'fleet'] as const) await endInOrder(running.get(name), 'SIGTERM');
  return typed;
}

/** npm ends by the signal itself, after the program that it started. */
async function endInOrder(typed: Typed | undefined, signal: NodeJS.Signals): Promise<void> {
  const code = await typed?.end(signal);
  const right = typed?.command.startsWith('npm ') === true ? [0, null, 130] : [0];
  assert(right.includes(code as number | null), `${code}: ${typed?.said.slice(-2000)}`);
  if (typed?.command.includes('agent') !== true)
    assert.match(typed?.said ?? '', /^controller: \d+ messages/m);
}
