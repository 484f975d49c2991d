import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installRemedy, placeFile, placeOf } from '../../../src/platform/index.ts';

describe('The place of a program', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-place-'));
    for (const name of ['native', 'bin']) mkdirSync(join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ['checkout', { 'tsconfig.json': '', 'native/build.mjs': '' }],
    ['npm', { 'native/build.mjs': '' }],
    ['debian', { 'bin/node': '', 'native/build.mjs': '' }],
    ['container', { 'bin/node': '', [placeFile]: '{"place":"container"}' }],
    ['board', { 'bin/node': '', [placeFile]: '{"place":"board"}' }],
    ['debian', { 'bin/node': '', [placeFile]: '{"place":"moon"}' }],
  ] as const)('is told by what lies at its root: %s', (place, files) => {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    expect(placeOf(folder)).toBe(place);
  });

  it('is a checkout here', () => {
    expect(placeOf()).toBe('checkout');
    expect(installRemedy('ffmpeg')).toContain('apt-get install ffmpeg');
  });
});
