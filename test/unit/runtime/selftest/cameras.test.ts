import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tryCameras } from '../../../../src/runtime/selftest/cameras.ts';

describe('The cameras of a board', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'goshawk-cameras-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function camera(name: string, title: string, index = '0'): void {
    const folder = join(root, 'sys/class/video4linux', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'name'), `${title}\n`);
    writeFileSync(join(folder, 'index'), `${index}\n`);
  }

  it('are none, and what to do is said', async () => {
    expect(await tryCameras(root)).toMatchObject([
      { state: 'absent', remedy: expect.stringContaining('Plug') },
    ]);
  });

  it('are in the order of their numbers, and metadata beside one is no camera', async () => {
    camera('video10', 'ten');
    camera('video2', 'two');
    camera('video3', 'two', '1');
    const rows = await tryCameras(root);
    expect(rows.map(({ name, state }) => [name, state])).toEqual([
      ['video2 two', 'fails'],
      ['video3 two', 'untried'],
      ['video10 ten', 'fails'],
    ]);
    expect(rows[0]?.detail).toContain('may not be opened');
    expect(rows[0]?.remedy).toContain('group video');
  });

  it('that give no picture fail with the words of what reads them', async () => {
    camera('video0', 'empty');
    mkdirSync(join(root, 'dev'));
    writeFileSync(join(root, 'dev/video0'), 'no camera');
    const [row] = await tryCameras(root);
    // Without ffmpeg no more can be said than that it opens.
    expect(['fails', 'untried']).toContain(row?.state);
    expect(row?.remedy).toMatch(/\w/);
  });
});
