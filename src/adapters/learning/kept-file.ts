import { readFile, rm, stat } from 'node:fs/promises';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { InputError } from '../../base/index.ts';
import { type LearningState, maxLearningBytes } from '../../drift/index.ts';
import {
  digestOf,
  explainFileError,
  removePartials,
  systemCode,
  writeFileAtomic,
} from '../../platform/index.ts';

/*
 * The file that what was learned so far is kept in: a line that says what it is, the head, the numbers. It is written and
 * read by the thread that learns, and removed when that has ended.
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
export async function writeKept(
  path: string,
  order: string,
  { head, numbers }: LearningState,
): Promise<void> {
  const bytes = Buffer.concat([Buffer.from(head), numbers]);
  const label: Static<typeof Label> = {
    ...{ kind: 'goshawk-learning', order, headBytes: Buffer.byteLength(head) },
    sha256: hexDigestOf(bytes),
  };
  await writeFileAtomic(path, Buffer.concat([Buffer.from(`${JSON.stringify(label)}\n`), bytes]), {
    mode: 0o600,
  });
}

/** Undefined where there is none. Throws an InputError for one that is torn or no such file. */
export async function readKept(path: string): Promise<Kept | undefined> {
  const file = await readWhole(path);
  if (file === undefined) return undefined;
  const end = file.subarray(0, longestLabel).indexOf(0x0a);
  const label = end < 0 ? undefined : labelOf(file.subarray(0, end).toString());
  if (label === undefined) throw damaged(path, 'its first line says something else');
  const bytes = file.subarray(end + 1);
  if (hexDigestOf(bytes) !== label.sha256) throw damaged(path, 'its checksum is another');
  const { order, headBytes } = label;
  return {
    order,
    state: { head: bytes.subarray(0, headBytes).toString(), numbers: bytes.subarray(headBytes) },
  };
}

/** With what an ended write left of it. */
export async function removeKept(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
    await removePartials(path);
  } catch (error) {
    throw explainFileError(error, 'remove what was learned', path);
  }
}

async function readWhole(path: string): Promise<Buffer | undefined> {
  try {
    if ((await stat(path)).size > maxLearningBytes + longestLabel) throw damaged(path, 'it is far too long');
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw explainFileError(error, 'read what was learned', path);
  }
}

function hexDigestOf(bytes: Uint8Array): string {
  return digestOf(bytes).slice('sha256:'.length);
}

function labelOf(line: string): Static<typeof Label> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return Value.Check(Label, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function damaged(path: string, what: string): InputError {
  return new InputError(
    'learning-damaged',
    `The learned state in ${path} is damaged: ${what}.`,
    'Learning starts again automatically.',
  );
}
