import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { defined, GoshawkError, MissingError } from '../../base/index.ts';

/** What the last lines of a program that failed may have in an error. */
const toldCharacters = 2_000;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Each line of its output, of both streams. */
  readonly onLine?: (line: string) => void;
}

function folders(): readonly string[] {
  const { PATH = '' } = process.env;
  // Tools of the system are not in the path of every user.
  return [...PATH.split(':'), '/usr/sbin', '/sbin'];
}

export function findProgram(name: string): string | undefined {
  return folders()
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Refuses before the work begins, with the Debian packages to install. */
export function requirePrograms(programs: Readonly<Record<string, string>>): void {
  const missing = Object.entries(programs).filter(([program]) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  throw new MissingError(
    'image-tools-missing',
    `Missing on this machine: ${missing.map(([program]) => program).join(', ')}.`,
    `On Debian: sudo apt-get install ${[...new Set(missing.map(([, debian]) => debian))].join(' ')}`,
  );
}

/** Runs a program to its end and gives its stdout; its last words are in the error. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const path = findProgram(program) ?? program;
  const child = spawn(path, args, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', PATH: folders().join(':'), ...options.env },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...defined({ signal: options.signal }),
  });
  let out = '';
  let told = '';
  const tell = (chunk: string) => {
    told = (told + chunk).slice(-toldCharacters);
    for (const line of chunk.split('\n')) if (line !== '') options.onLine?.(line);
  };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
    tell(chunk);
  });
  child.stderr?.setEncoding('utf8').on('data', tell);
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.input);
  const status = await new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code === null ? `signal ${signal}` : `exit status ${code}`));
  });
  if (status === 'exit status 0') return out;
  throw new GoshawkError(
    'image-step-failed',
    `${program} failed (${status}): ${told.trim() || 'without a word'}`,
    'Its output above says what is missing; --keep leaves the files of the build to look at.',
  );
}
