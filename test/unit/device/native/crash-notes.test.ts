import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CrashNotes } from '../../../../device/native/index.ts';

/** Later than any plugin that was built here. */
const crashedAt = new Date('2099-05-01T12:00:00Z');

function folderWith(note: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'goshawk-crash-'));
  const file = path.join(folder, 'engine-crashes');
  writeFileSync(file, note);
  utimesSync(file, crashedAt, crashedAt);
  return folder;
}

describe('Notes of crashed engines', () => {
  it('name the engine, the signal and how often', () => {
    const notes = new CrashNotes(folderWith('11 tensorrt\n6 tensorrt\n'));
    expect(notes.read(crashedAt.getTime())).toEqual([{ engine: 'tensorrt', signal: 'SIGABRT', times: 2 }]);
  });

  it('say nothing where nothing crashed, or only an engine of the tests', () => {
    expect(new CrashNotes(mkdtempSync(path.join(tmpdir(), 'goshawk-crash-'))).read(0)).toEqual([]);
    expect(new CrashNotes(folderWith('6 reference\n\u0000garbage')).read(crashedAt.getTime())).toEqual([]);
  });

  it('are forgotten after a week, and when they are cleared', () => {
    const folder = folderWith('11 onnxruntime\n');
    const week = 7 * 24 * 3600 * 1000;
    expect(new CrashNotes(folder).read(crashedAt.getTime() + week)).toHaveLength(1);
    expect(new CrashNotes(folder).read(crashedAt.getTime() + week + 1)).toEqual([]);
    expect(new CrashNotes(folder).read(crashedAt.getTime())).toEqual([]);
  });
});
