import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describeError, GoshawkError } from '../../base/index.ts';
import { type DigestedFile, digestFile } from '../../platform/index.ts';

const run = promisify(execFile);
/** Ten minutes for the largest files. */
const timeoutMs = 600_000;

/** What makes files smaller on the way. */
export interface Packer {
  /** Packs a file, with `base` as what differs from that one. */
  pack(file: string, target: string, base?: string): Promise<DigestedFile>;
}

/** Undefined where the program zstd is not there: models then travel as they are. */
export async function packer(program = 'zstd'): Promise<Packer | undefined> {
  const there = await run(program, ['--version'], { timeout: 10_000 }).then(
    ({ stdout }) => /zstandard/i.test(stdout),
    () => false,
  );
  return there ? { pack: (file, target, base) => pack(program, file, target, base) } : undefined;
}

async function pack(program: string, file: string, target: string, base?: string): Promise<DigestedFile> {
  // --single-thread: the same bytes on every machine, so that a repeat makes no second blob.
  const delta = base === undefined ? [] : [`--patch-from=${base}`];
  try {
    await run(program, ['-19', '--single-thread', '--no-check', '-q', '-f', ...delta, file, '-o', target], {
      timeout: timeoutMs,
    });
    return await digestFile(target);
  } catch (error) {
    await rm(target, { force: true });
    throw new GoshawkError(
      'pack-failed',
      `${file} can't be packed with zstd: ${describeError(error)}.`,
      'Push the model without other forms (--plain), or look at the memory and the disk of this machine.',
      { cause: error },
    );
  }
}
