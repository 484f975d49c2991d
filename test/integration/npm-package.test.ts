import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from './goshawk.ts';

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(program, args, { cwd: projectRoot, encoding: 'utf8', env });
}

describe("npm's package, installed as docs/packages.md says", () => {
  let folder: string;
  let goshawk: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-npm-'));
    const packed = run('npm', ['pack', '--pack-destination', folder]);
    expect(packed.status, packed.stderr).toBe(0);
    const file = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
    const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--prefix', join(folder, 'prefix')];
    const installed = run('npm', ['install', '-g', ...flags, join(folder, file)]);
    expect(installed.status, installed.stderr).toBe(0);
    goshawk = join(folder, 'prefix/bin/goshawk');
    mkdirSync(join(folder, 'bin'));
    symlinkSync(process.execPath, join(folder, 'bin/node'));
  }, 900_000);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const build = (env: NodeJS.ProcessEnv) =>
    run(goshawk, ['native', 'build'], { HOME: folder, PATH: join(folder, 'bin'), ...env });

  it('says what is missing where there is no compiler', () => {
    const { status, stdout, stderr } = build({});
    expect(stdout + stderr).toContain('addon           skipped: there is no C++ compiler.');
    expect(status).toBe(0);
  });

  it('compiles the native parts in place, with the headers that it brings', () => {
    const compiler = join(folder, 'compiler');
    // Makes what comes after `-o`.
    writeFileSync(
      compiler,
      '#!/bin/sh\nfor last; do [ "$before" = -o ] && echo so >"$last"; before=$last; done\n',
    );
    chmodSync(compiler, 0o755);
    const { status, stdout, stderr } = build({ CXX: compiler });
    expect(stdout + stderr).toContain(`addon           compiled: with ${compiler}.`);
    expect(status).toBe(0);
    const installed = join(folder, 'prefix/lib/node_modules/goshawk');
    expect(existsSync(join(installed, 'native/build/out/goshawk.node'))).toBe(true);
  });
});
