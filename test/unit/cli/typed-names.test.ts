import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { digestOf } from '../../../src/adapters/filesystem/index.ts';
import { createProgram, everyCommand } from '../../../src/cli/program.ts';
import { formatManifest } from '../../../src/model/index.ts';
import { pushBundle } from '../../fixtures/push-bundle.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../../fixtures/tiny-onnx.ts';
import { typedCommand } from '../../fixtures/typed-command.ts';
import { announce } from '../adapters/fastify/device-and-bundle.ts';
import { Served } from '../adapters/fastify/serve.ts';

// Loads the command line, and asks a controller that listens.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'goshawk-names-'));
let served: Served;
beforeAll(async () => {
  served = await Served.open();
  await announce(served, 'gate-7');
  const onnx = tinyOnnx();
  const part = { path: 'fp32.onnx', digest: digestOf(onnx), size: onnx.length };
  const manifest = tinyManifest({ name: 'tiny', variants: [{ kind: 'fp32', file: part }] });
  const caller = { tokenId: 't0', name: 'test', role: 'admin' } as const;
  await pushBundle(served.controller, caller, Buffer.from(formatManifest(manifest)), { 'fp32.onnx': onnx });
  vi.stubEnv('GOSHAWK_URL', served.url);
  vi.stubEnv('GOSHAWK_TOKEN', served.tokens.admin);
  vi.stubEnv('XDG_CONFIG_HOME', folder);
  expect(await typedCommand(['group', 'add', 'yard', 'gate-7'])).toMatchObject({ code: 0 });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await served.close();
  rmSync(folder, { recursive: true, force: true });
});

const wordsOf = (command: Command): string[] =>
  command.parent === null ? [] : [...wordsOf(command.parent), command.name()];

/** What the other arguments and the required options of a command are given. */
const others: Readonly<Record<string, string>> = {
  name: 'x',
  source: 'sim',
  'new-name': 'y',
  slot: 'main',
  clip: '00mfy2k1p0-0',
  frame: '00mfy2k1p0-0',
  model: 'tiny',
  service: 'dock',
  group: 'yard',
};
const needed: Readonly<Record<string, readonly string[]>> = {
  'pipeline set': ['--enable'],
  'device label': ['--set', 'a=b'],
  'approval rules': ['--set', 'clinic'],
  'token create': ['--role', 'viewer'],
};
/** Act on this machine, make what a device belongs to, or need a controller that enrols devices. */
const excepted =
  /^(image|run|native|claim create|camera list|certificate revoke|login|release|model profile)/;

function argumentsOf(
  command: Command,
  unknown: 'device' | 'group',
  from: 'argument' | string,
): string[] | undefined {
  const args = command.registeredArguments.flatMap((one) => {
    if (from === 'argument' && one.name().replace(/s$/, '') === unknown) return ['nix'];
    return one.required ? [others[one.name()] ?? (one.name().startsWith('device') ? 'gate-7' : 'x')] : [];
  });
  const options = command.options
    .filter((one) => one.mandatory && one.long !== from)
    .flatMap((one) => (one.long === '--camera' ? ['--camera', 'front'] : [String(one.long), '1']));
  const yes = command.options.some(({ long }) => long === '--yes') ? ['--yes'] : [];
  const named = from === 'argument' ? [] : [from, 'nix'];
  const extra = (needed[wordsOf(command).join(' ')] ?? []).filter(
    (one, at, all) => !options.includes(one) && !options.includes(all[at - 1] ?? ''),
  );
  const role = options.indexOf('--role');
  if (role >= 0) options[role + 1] = 'viewer';
  return [...wordsOf(command), ...args, ...options, ...named, ...extra, ...yes];
}

const typed = everyCommand(createProgram())
  .filter((command) => command.commands.length === 0)
  .filter((command) => command.options.some(({ long }) => long === '--url'))
  .filter((command) => !excepted.test(wordsOf(command).join(' ')))
  .flatMap((command) => {
    const byArgument = command.registeredArguments
      .map((one) => one.name().replace(/s$/, ''))
      .filter((name) => name === 'device' || name === 'group')
      .map((name) => [name, argumentsOf(command, name as 'device', 'argument')] as const);
    const byOption = command.options
      .filter(({ long }) => /^--(device|group)s?$/.test(long ?? ''))
      .map(
        ({ long = '' }) =>
          [
            long?.includes('device') === true ? 'device' : 'group',
            argumentsOf(command, 'device', long ?? ''),
          ] as const,
      );
    return [...byArgument, ...byOption];
  })
  .filter(([what, args]) => !(what === 'group' && args?.join(' ').startsWith('group add')))
  .map(([what, args]) => [args?.join(' ') ?? '', what, args ?? []] as const);

describe('A name that the fleet does not know', () => {
  it('is tried in every command that takes one', () => {
    expect(typed.length).toBeGreaterThan(40);
  });

  it.each(typed)('%s: is an error with status 4', async (_, what, args) => {
    const { code, stderr } = await typedCommand(args);
    expect(stderr).toMatch(what === 'device' ? /nix/ : 'There is no group nix');
    expect(code).toBe(4);
  });

  it('makes no group', async () => {
    const { stdout } = await typedCommand(['group', 'list', '--json']);
    expect(JSON.parse(stdout).groups.map(({ name }: { name: string }) => name)).toEqual(['yard']);
  });

  it.each([
    [['device', 'show', 'gat-7'], 'Did you mean gate-7?'],
    [['device', 'list', '--group', 'yrd'], 'Did you mean yard?'],
    [['group', 'remove', 'yard', 'gate-8'], 'Did you mean gate-7?'],
    [['event', 'list', '--kind', 'camera.lots'], 'Did you mean camera.lost?'],
    [['event', 'list', '--kind', 'deploment'], 'Did you mean deployment?'],
    [['event', 'list', '--kind', 'nonsense'], 'Kinds begin with: agent, approval'],
  ])('%j is answered with what was meant', async (args, words) => {
    expect(await typedCommand(args)).toMatchObject({ code: 4, stderr: expect.stringContaining(words) });
  });

  it.each([
    [['device', 'list', '--group', 'yard', '--online']],
    [['event', 'list', '--kind', 'rollout']],
    [['event', 'list', '--kind', 'zone.dwell']],
    [['device', 'label', 'gate-7']],
    [['device', 'hold', 'gate-7', '--reason', 'x']],
    [['alert', 'list', '--device', 'gate-7']],
  ])('%j is not refused: the name is known', async (args) => {
    expect(await typedCommand(args)).toMatchObject({ code: 0 });
  });
});

describe('A range of time', () => {
  it('narrows the audit log', async () => {
    const listed = async (...range: string[]) => {
      const { stdout } = await typedCommand(['audit', 'list', '--json', ...range]);
      return (JSON.parse(stdout) as { readonly entries: readonly unknown[] }).entries;
    };
    expect(await listed('--since', '1h')).not.toEqual([]);
    expect(await listed('--since', '2h', '--until', '1h')).toEqual([]);
  });

  it.each([['audit'], ['event']])('that is empty is refused by %s list', async (noun) => {
    const { code, stderr } = await typedCommand([noun, 'list', '--since', '1h', '--until', '2h']);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining('--since is not before --until.'),
    });
  });
});

describe('An empty list', () => {
  it.each([
    ['rollout list', 'No rollouts'],
    ['rollout list --active', 'No active rollouts'],
    ['approval list', 'No requests wait'],
    ['approval rules', 'No rules'],
    ['drift history', 'No incidents'],
    ['drift list --alarmed', 'No camera has an alarm'],
    ['claim list', 'No claims'],
    ['enrolment list', 'No enrolments'],
    ['certificate list', 'No certificates'],
    ['alert list', 'No active alerts'],
    ['event list --kind rollout', 'No events'],
  ])('%s says so', async (line, words) => {
    const { code, stdout, stderr } = await typedCommand(line.split(' '));
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(words) });
    expect(stdout.split('\n').filter((one) => /^(name|id|rule|began|camera) {2}/.test(one))).toEqual([]);
  });
});
