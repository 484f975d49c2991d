import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, copyFileSync, ftruncateSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { SecretMemory, type SecretMemoryState } from '../../../../device/native/index.ts';
import { loadNative, planProcess } from '../../../../native/index.ts';
import { missingPlugin, titled } from '../../../conformance/native-build.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const why = missingPlugin('reference');

/** What a process that keeps a secret says of itself: the kernel gives a process that can't be dumped to root. */
const program = `
  import { readFileSync, statSync } from 'node:fs';
  import { createRequire } from 'node:module';
  const native = createRequire('/')(process.argv[1]);
  const facts = () => [statSync('/proc/self/environ').uid, /core file size +(\\d+|unlimited)/.exec(readFileSync('/proc/self/limits', 'utf8'))[1]];
  const before = facts();
  native.forbidDumps();
  const file = native.memoryFile(new Uint8Array([1, 2, 3]));
  const large = native.memoryFile(new Uint8Array(1e6));
  console.log(JSON.stringify({ before, after: facts(), read: [...readFileSync('/proc/self/fd/' + file)],
    lock: native.secretBytes(1e6).lockProblem, file: native.lockMemoryFile(large).lockProblem, all: native.lockProcess() }));
`;

describe.skipIf(why !== undefined)(titled('Memory for an encrypted model', why), () => {
  it('is in no dump, and is read by its own process all the same', () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const addon = join(folder, 'goshawk.node');
    copyFileSync(planProcess().addon, addon);
    chmodSync(addon, 0o755);
    // Root sees no difference.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const limited = ['-c', 'ulimit -l 64; exec "$@"', 'sh', process.execPath];
    const said = execFileSync('/bin/sh', [...limited, '--input-type=module', '-e', program, addon], {
      ...{ encoding: 'utf8', cwd: folder, env: {} },
      ...nobody,
    });
    const { before, after, read, lock, file, all } = JSON.parse(said);
    expect(before[0]).not.toBe(0);
    expect(after).toEqual([0, '0']);
    expect(read).toEqual([1, 2, 3]);
    expect([lock, file]).not.toContain('');
    expect(all).toContain('LimitMEMLOCK=infinity');
  });

  it('is locked as a file too, until it is let go', () => {
    const native = loadNative();
    const lockedKb = () => Number(/VmLck:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
    const file = native.memoryFile(new Uint8Array(40_000));
    try {
      const before = lockedKb();
      const { lockProblem, letGo } = native.lockMemoryFile(file);
      expect(lockProblem).toBe('');
      expect(lockedKb()).toBe(before + 40);
      letGo();
      letGo();
      expect(lockedKb()).toBe(before);
    } finally {
      closeSync(file);
    }
  });

  it('is let go where nobody has what lets it go', async () => {
    const native = loadNative();
    const lockedKb = () => Number(/VmLck:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const before = lockedKb();
    const lock = () => {
      const file = native.memoryFile(new Uint8Array(40_000));
      expect(native.lockMemoryFile(file).lockProblem).toBe('');
      closeSync(file);
    };
    lock();
    expect(lockedKb()).toBeGreaterThan(before);
    await vi.waitFor(
      () => {
        collect();
        expect(lockedKb()).toBe(before);
      },
      { timeout: 20_000 },
    );
  });

  it('cannot be changed once it is a file', () => {
    const file = loadNative().memoryFile(new Uint8Array([1, 2, 3]));
    try {
      expect(() => writeSync(file, 'other')).toThrow(/EPERM/);
      expect(() => ftruncateSync(file, 0)).toThrow(/EPERM/);
      expect([...readFileSync(`/proc/self/fd/${file}`)]).toEqual([1, 2, 3]);
    } finally {
      closeSync(file);
    }
  });

  it('says once what does not hold', () => {
    const told: SecretMemoryState[] = [];
    const memory = new SecretMemory((state) => told.push(state));
    expect(memory.allocate(70_000)).toEqual(new Uint8Array(70_000));
    memory.allocate(10);
    expect(told).toHaveLength(1);
    expect(told[0]?.dumpProblem).toBe('');
    // Nothing of what is no file can be locked.
    memory.keep(-1)();
    memory.keep(-1)();
    expect(told).toHaveLength(2);
    expect(told[1]?.lockProblem).not.toBe('');
  });

  it('says too what an engine could not lock', () => {
    const told: SecretMemoryState[] = [];
    const memory = new SecretMemory((state) => told.push(state));
    for (let copy = 0; copy < 2; copy++) memory.noteExposed('Cannot allocate memory');
    expect(told).toEqual([{ dumpProblem: '', lockProblem: 'Cannot allocate memory' }]);
  });
});
