import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBill } from '../../src/sbom/index.ts';
import { complaints } from '../fixtures/cyclonedx.ts';
import { projectRoot } from './goshawk.ts';

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(program, args, { cwd: projectRoot, encoding: 'utf8', env });
}

describe("npm's package, installed as docs/packages.md says", () => {
  let folder: string;
  let goshawk: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-npm-'));
    const packed = run('npm', ['pack', '--pack-destination', folder]);
    expect(packed.status, packed.stderr).toBe(0);
    file = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
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

  it('has the same bytes when it is packed again', { timeout: 900_000 }, () => {
    const again = join(folder, 'again');
    mkdirSync(again);
    const packed = run('npm', ['pack', '--pack-destination', again]);
    expect(packed.status, packed.stderr).toBe(0);
    const bytes = (path: string) => readFileSync(join(path, file));
    expect(bytes(again).equals(bytes(folder))).toBe(true);
  });

  it('has a list of its parts by the commands of docs/supply-chain.md', async () => {
    const cwd = join(folder, 'prefix/lib/node_modules/goshawk');
    const npm = (...args: readonly string[]) =>
      spawnSync('npm', args, { cwd, encoding: 'utf8', maxBuffer: 64 << 20 });
    expect(npm('pkg', 'delete', 'devDependencies').status).toBe(0);
    const { status, stdout, stderr } = npm('sbom', '--omit', 'dev', '--sbom-format', 'cyclonedx');
    expect(status, stderr).toBe(0);
    expect(await complaints(stdout)).toEqual([]);
    const { components } = readBill(stdout, 'npm sbom');
    const { dependencies } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
    const names = new Set(components.map(({ name }) => name));
    expect(Object.keys(dependencies).filter((name) => !names.has(name))).toEqual([]);
    expect(names.has('vitest')).toBe(false);
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
