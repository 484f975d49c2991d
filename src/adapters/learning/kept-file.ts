import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { InputError } from '../../base/index.ts';
import { type LearningState, maxLearningBytes } from '../../drift/index.ts';

/*
 * The file that what was learned so far is kept in: a line that says what it is, the head, the numbers. Written and read
 * in the thread that learns, which nobody waits for; so nothing here is asynchronous.
 */

const Label = Type.Object({
  kind: Type.Literal('goshawk-learning'),
  order: Type.String({ maxLength: 64 }),
  headBytes: Type.Integer({ minimum: 0, maximum: maxLearningBytes }),
  sha256: Type.String({ maxLength: 64 }),
});
const longestLabel = 1000;

export interface Kept {
  readonly order: string;
  readonly state: LearningState;
}

/** Whole or not at all: after a power cut the file is the old one or the new one. */
export function writeKept(path: string, order: string, { head, numbers }: LearningState): void {
  const bytes = Buffer.concat([Buffer.from(head), numbers]);
  const label: Static<typeof Label> = {
    ...{ kind: 'goshawk-learning', order, headBytes: Buffer.byteLength(head) },
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  const partial = partialOf(path);
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(partial, 'w', 0o600);
  try {
    for (const part of [Buffer.from(`${JSON.stringify(label)}\n`), bytes])
      for (let written = 0; written < part.length; ) written += writeSync(file, part, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
  syncFolder(dirname(path));
}

/** Undefined where there is none. Throws an InputError for one that is torn or no such file. */
export function readKept(path: string): Kept | undefined {
  if (!existsSync(path)) return undefined;
  if (statSync(path).size > maxLearningBytes + longestLabel) throw damaged(path, 'it is far too long');
  const file = readFileSync(path);
  const end = file.subarray(0, longestLabel).indexOf(0x0a);
  const label = end < 0 ? undefined : labelOf(file.subarray(0, end).toString());
  if (label === undefined) throw damaged(path, 'its first line says something else');
  const bytes = file.subarray(end + 1);
  if (createHash('sha256').update(bytes).digest('hex') !== label.sha256)
    throw damaged(path, 'its checksum is another');
  const { order, headBytes } = label;
  return {
    order,
    state: { head: bytes.subarray(0, headBytes).toString(), numbers: bytes.subarray(headBytes) },
  };
}

export function removeKept(path: string): void {
  for (const file of keptFiles(path)) rmSync(file, { force: true });
}

/** All that may lie there. */
export function keptFiles(path: string): readonly string[] {
  return [path, partialOf(path)];
}

function partialOf(path: string): string {
  return `${path}.partial`;
}

function labelOf(line: string): Static<typeof Label> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return Value.Check(Label, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A rename is on the disk only when its folder is; some file systems can't sync a folder. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } catch {
    // The rename may be lost in a power cut: then the file before it is there.
  } finally {
    closeSync(folder);
  }
}

function damaged(path: string, what: string): InputError {
  return new InputError(
    'learning-damaged',
    `What was learned so far, in ${path}, is damaged: ${what}.`,
    'Nothing to do: learning begins anew.',
  );
}
