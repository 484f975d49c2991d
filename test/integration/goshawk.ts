import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf, writeBundle } from '../../src/adapters/filesystem/index.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../fixtures/tiny-onnx.ts';

export const projectRoot = resolve(fileURLToPath(import.meta.url), '../../..');
export const sharedData = join(projectRoot, '../shared/data');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What `goshawk` is here, before its arguments: the compiled program where `npm test` has just built it (a start takes
 * 0.6 s instead of 2 s, and it is what users start), else the sources.
 */
export const goshawkCommand: readonly string[] =
  process.env.TEST_COMPILED_GOSHAWK === 'yes'
    ? ['dist/src/cli/main.js']
    : ['--import', 'tsx', 'src/cli/main.ts'];

/** A PATH on which `goshawk` is that, in the folder of the project or one with its `node_modules`. `folder`: where it is put. */
export function pathWithGoshawk(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const main = join(projectRoot, goshawkCommand.at(-1) ?? '');
  const words = [process.execPath, ...goshawkCommand.slice(0, -1), main].map((word) => `'${word}'`).join(' ');
  writeFileSync(join(bin, 'goshawk'), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  return `${bin}:${process.env.PATH}`;
}

/** `goshawk ...` as a user starts it. */
export function start(...args: readonly string[]): ChildProcess {
  return startWith({}, ...args);
}

/** The same with more in its environment. */
export function startWith(environment: NodeJS.ProcessEnv, ...args: readonly string[]): ChildProcess {
  return startOn(process.execPath, environment, ...args);
}

/** The same on another Node. */
export function startOn(
  node: string,
  environment: NodeJS.ProcessEnv,
  ...args: readonly string[]
): ChildProcess {
  return spawn(node, [...goshawkCommand, ...args], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
}

export function goshawk(...args: readonly string[]): Promise<Ran> {
  return ended(start(...args));
}

export function ended(child: ChildProcess): Promise<Ran> {
  return new Promise((done) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}

/** Every line of a `--json` output as a value. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A bundle whose network finds one thing at the upper left of every picture. */
export async function tinyBundleFolder(base: string): Promise<string> {
  const bytes = tinyOnnx();
  const file = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
  const manifest = tinyManifest({ variants: [{ kind: 'fp32', file }] });
  return (await writeBundle(join(base, 'tiny-bundle'), manifest, new Map([['fp32.onnx', bytes]]))).location;
}

/** PNG pictures of 64x64 named 0.png, 1.png ... */
export async function pictureFolder(base: string, count: number): Promise<string> {
  const { default: sharp } = await import('sharp');
  const folder = join(base, 'pictures');
  mkdirSync(folder);
  const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'gray' } })
    .png()
    .toBuffer();
  for (let index = 0; index < count; index += 1) writeFileSync(join(folder, `${index}.png`), png);
  return folder;
}
