import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layoutOf, sfdiskScript } from '../../src/image/index.ts';
import { projectRoot } from './goshawk.ts';

/* The built program on files in the place of disks. */

const folder = mkdtempSync(join(tmpdir(), 'goshawk-flash-'));
const image = join(folder, 'card.img');
const card = join(folder, 'card');
const hasSfdisk = spawnSync('sh', ['-c', 'PATH=$PATH:/usr/sbin command -v sfdisk']).status === 0;
const hasZstd = spawnSync('sh', ['-c', 'command -v zstd']).status === 0;

function flash(...args: readonly string[]) {
  const result = spawnSync(
    process.execPath,
    [join(projectRoot, 'dist/src/cli/main.js'), 'image', 'flash', ...args],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  return { status: result.status, out: result.stdout, err: result.stderr };
}

function table(file: string, extra = ''): void {
  const script = sfdiskScript(layoutOf(2 ** 20), 'ab'.repeat(32)) + extra;
  const { status, stderr } = spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin sfdisk --quiet "${file}"`], {
    input: script,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

const { bytes } = layoutOf(2 ** 20);

describe.skipIf(!hasSfdisk)(`goshawk image flash${hasSfdisk ? '' : ' (skipped: no sfdisk)'}`, () => {
  beforeAll(() => {
    writeFileSync(image, Buffer.alloc(bytes, 'goshawk'));
    table(image);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const freshCard = (size = bytes + 600 * 2 ** 20) => {
    writeFileSync(card, '');
    truncateSync(card, size);
  };

  it('writes an image and reads it back', () => {
    freshCard();
    const { status, out, err } = flash(image, '--to', card, '--yes', '--json');
    expect(err).toBe('');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ type: 'flashed', writtenBytes: bytes, skippedBytes: 0 });
    expect(readFileSync(card).subarray(0, bytes).equals(readFileSync(image))).toBe(true);
  });

  it.skipIf(!hasZstd)('takes a compressed one', () => {
    freshCard();
    spawnSync('zstd', ['-q', '-f', image]);
    expect(flash(`${image}.zst`, '--to', card, '--yes').status).toBe(0);
    expect(readFileSync(card).subarray(0, bytes).equals(readFileSync(image))).toBe(true);
  });

  it('does nothing where nobody says yes', () => {
    freshCard();
    expect(flash(image, '--to', card)).toMatchObject({ status: expect.any(Number) });
    expect(
      readFileSync(card)
        .subarray(0, 4096)
        .every((byte) => byte === 0),
    ).toBe(true);
  });

  it.each<readonly [string, string, () => readonly string[]]>([
    [
      'a card that is too small',
      'image-target-too-small',
      () => {
        freshCard(bytes + 2 ** 20);
        return [image, card];
      },
    ],
    [
      'a half-written image',
      'image-half-written',
      () => {
        freshCard();
        const half = join(folder, 'half.img');
        writeFileSync(half, readFileSync(image).subarray(0, bytes / 2));
        return [half, card];
      },
    ],
    [
      'what is no image',
      'image-no-table',
      () => {
        freshCard();
        const other = join(folder, 'other.img');
        writeFileSync(other, Buffer.alloc(100_000, 'no'));
        return [other, card];
      },
    ],
    [
      'an image that has started a board',
      'image-was-booted',
      () => {
        freshCard();
        const booted = join(folder, 'booted.img');
        writeFileSync(booted, Buffer.alloc(bytes + 8 * 2 ** 20));
        table(booted, 'size=2048, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, name=goshawk-data\n');
        return [booted, card];
      },
    ],
    ['a folder', 'image-target-no-disk', () => [image, folder]],
    ['a disk that is not there', 'file-missing', () => [image, join(folder, 'nothing')]],
  ])('refuses %s', (_what, code, prepare) => {
    const [file = '', to = ''] = prepare();
    const { status, out } = flash(file, '--to', to, '--yes', '--json');
    expect(JSON.parse(out).error).toMatchObject({ code });
    expect(status).not.toBe(0);
  });
});
