import { existsSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NativeCrashNotes } from '../../../../device/native/index.ts';

const crashedAt = new Date('2099-05-01T12:00:00Z');

function folderWith(note: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'goshawk-crash-'));
  const file = path.join(folder, 'engine-crashes');
  writeFileSync(file, note);
  utimesSync(file, crashedAt, crashedAt);
  return folder;
}

describe('Notes of crashed engines', () => {
  it('name the engine and the signal of every crash, and when the last was', () => {
    const noted = new NativeCrashNotes(folderWith('11 tensorrt\n6 tensorrt\n')).read();
    expect(noted?.crashes).toEqual([
      { engine: 'tensorrt', signal: 'SIGSEGV' },
      { engine: 'tensorrt', signal: 'SIGABRT' },
    ]);
    expect(noted?.timeMs).toBe(crashedAt.getTime());
  });

  it('are empty without a crash, or if only an engine of the tests crashed', () => {
    expect(new NativeCrashNotes(mkdtempSync(path.join(tmpdir(), 'goshawk-crash-'))).read()).toBeUndefined();
    expect(new NativeCrashNotes(folderWith('6 reference\n\u0000garbage')).read()?.crashes).toEqual([]);
  });

  it('take an engine that the process had to end for, after the crashes before it', () => {
    const notes = new NativeCrashNotes(folderWith('11 tensorrt\n'));
    notes.noteLost('tensorrt');
    expect(notes.read()?.crashes).toEqual([
      { engine: 'tensorrt', signal: 'SIGSEGV' },
      { engine: 'tensorrt', signal: 'lost' },
    ]);
  });

  it('are gone when they are cleared', () => {
    const folder = folderWith('11 onnxruntime\n');
    const notes = new NativeCrashNotes(folder);
    notes.clear();
    expect(existsSync(path.join(folder, 'engine-crashes'))).toBe(false);
    expect(notes.read()).toBeUndefined();
  });
});
