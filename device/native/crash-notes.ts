import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadNative, pluginPath } from '../../native/index.ts';
import type { EngineName } from '../../src/model/index.ts';

export interface EngineCrash {
  readonly engine: EngineName;
  /** E.g. `SIGSEGV`. */
  readonly signal: string;
  /** How often since the note was begun. */
  readonly times: number;
}

/** A crash this long ago no longer speaks against an engine. */
const forgottenAfterMs = 7 * 24 * 3600 * 1000;

const plugins = ['tensorrt', 'onnxruntime'] as const;

/**
 * Engines run inside the agent's process, so one that crashes takes the agent with it. The addon notes who it was with
 * its last breath, and the next start reads the note and takes another engine. A plugin that was built again since
 * starts anew. A kill from outside and a power cut leave no note.
 */
export class CrashNotes {
  readonly #file: string;

  /** `folder` is the agent's own, e.g. its state folder. */
  constructor(folder: string) {
    this.#file = path.resolve(folder, 'engine-crashes');
  }

  /** From here on crashes are noted. Needs the addon. */
  begin(): void {
    mkdirSync(path.dirname(this.#file), { recursive: true });
    loadNative().noteCrashes(this.#file);
  }

  /** Engines that crashed and speak against themselves. `nowMs`: wall clock, milliseconds since 1970. */
  read(nowMs: number): EngineCrash[] {
    const noted = statSync(this.#file, { throwIfNoEntry: false });
    if (noted === undefined) return [];
    if (nowMs - noted.mtimeMs > forgottenAfterMs) {
      this.clear();
      return [];
    }
    const lines = readFileSync(this.#file, 'utf8').split('\n');
    return plugins.flatMap((engine) => {
      const own = lines.filter((line) => line.endsWith(` ${engine}`));
      const last = own.at(-1);
      if (last === undefined || rebuiltSince(engine, noted.mtimeMs)) return [];
      return [{ engine, signal: signalName(Number.parseInt(last, 10)), times: own.length }];
    });
  }

  clear(): void {
    rmSync(this.#file, { force: true });
  }
}

function rebuiltSince(engine: (typeof plugins)[number], timeMs: number): boolean {
  const file = pluginPath(engine);
  return file !== undefined && statSync(file).mtimeMs > timeMs;
}

function signalName(number: number): string {
  const known = Object.entries(os.constants.signals).find(([, value]) => value === number);
  return known?.[0] ?? `signal ${number}`;
}
