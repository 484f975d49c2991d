import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadNative, pluginPath } from '../../native/index.ts';
import { type CrashNotes, lostMark, type NotedCrashes } from '../../src/agent/index.ts';
import type { EngineName } from '../../src/model/index.ts';

const plugins = ['tensorrt', 'onnxruntime'] as const;

/**
 * A file that the addon's signal handler writes when an engine crashes: a line with the signal's number and the engine. A
 * kill from outside and a power cut leave none.
 */
export class NativeCrashNotes implements CrashNotes {
  readonly #file: string;

  /** `folder` is the agent's own, e.g. its state folder. */
  constructor(folder: string) {
    this.#file = path.resolve(folder, 'engine-crashes');
  }

  /** Needs the addon. */
  begin(): void {
    mkdirSync(path.dirname(this.#file), { recursive: true });
    loadNative().noteCrashes(this.#file);
  }

  read(): NotedCrashes | undefined {
    const noted = statSync(this.#file, { throwIfNoEntry: false });
    if (noted === undefined) return undefined;
    const lines = readFileSync(this.#file, 'utf8').split('\n');
    const crashes = lines.flatMap((line) => {
      const engine = plugins.find((name) => line.endsWith(` ${name}`));
      return engine === undefined ? [] : [{ engine, signal: markOf(line) }];
    });
    const builtMs = Object.fromEntries(
      plugins.flatMap((engine) => {
        const file = pluginPath(engine);
        return file === undefined ? [] : [[engine, statSync(file).mtimeMs]];
      }),
    );
    return { timeMs: noted.mtimeMs, crashes, builtMs };
  }

  noteLost(engine: EngineName): void {
    appendFileSync(this.#file, `${lostMark} ${engine}\n`);
  }

  clear(): void {
    rmSync(this.#file, { force: true });
  }
}

function markOf(line: string): string {
  return line.startsWith(lostMark) ? lostMark : signalName(Number.parseInt(line, 10));
}

function signalName(number: number): string {
  const known = Object.entries(os.constants.signals).find(([, value]) => value === number);
  return known?.[0] ?? `signal ${number}`;
}
