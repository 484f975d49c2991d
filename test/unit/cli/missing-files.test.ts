import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { typedCommand } from '../../fixtures/typed-command.ts';
import { Served } from '../adapters/fastify/serve.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const work = mkdtempSync(join(tmpdir(), 'goshawk-files-'));
const street = resolve('models/street');
const settings = join(work, 'agent.json');
writeFileSync(settings, '{"dataDir": "data"}');
const text = join(work, 'text.onnx');
writeFileSync(text, 'these are some notes about a model, with more than sixty-four letters in it\n');
const labels = join(work, 'labels.txt');
writeFileSync(labels, 'thing\n');
const garbage = join(work, 'garbage.token');
writeFileSync(garbage, 'not a token\n');

let served: Served;
beforeAll(async () => {
  served = await Served.open();
  vi.stubEnv('GOSHAWK_URL', served.url);
  vi.stubEnv('GOSHAWK_TOKEN', served.tokens.admin);
  vi.stubEnv('XDG_CONFIG_HOME', work);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await served.close();
  rmSync(work, { recursive: true, force: true });
});

const run = ['run', '--model', street, '--source', 'sim', '--frames', '1'];

describe('A file that does not exist', () => {
  it.each([
    [['model', 'import', 'nope', '--out', join(work, 'out')]],
    [['model', 'evaluate', street, '--images', 'nope', '--labels', 'nope']],
    [['agent', '--config', 'nope']],
    [['agent', '--config', 'nope', '--check']],
    [['controller', '--config', 'nope']],
    [[...run, '--rules', 'nope']],
    [[...run, '--graph', 'nope']],
    [['pipeline', 'set', '--device', 'gate-7', '--rules', 'nope']],
    [['keys', 'show', 'nope']],
    [['login', 'http://127.0.0.1:2', '--token-file', 'nope']],
    [['enrol', '--config', settings, '--claim-file', 'nope']],
    [['rollout', 'create', 'r1', '-f', 'nope']],
    [['fleet', 'apply', '-f', 'nope']],
    [['audit', 'verify', 'nope', '--root', 'nope', '--timestamp', 'nope']],
    [['device', 'vulnerabilities', '--osv', 'nope', '--sbom', 'nope']],
    [['model', 'load', 'nope', '--out', join(work, 'out')]],
  ])('%j: cause, path and status 4', async (args) => {
    const { code, stderr } = await typedCommand(args).catch((error: Error) => ({
      ...{ code: -1, stderr: error.message },
    }));
    expect(stderr).toMatch(/^goshawk: .*nope/m);
    expect(stderr).not.toMatch(/ENOENT|can not|can't be read/);
    expect(stderr).toMatch(/^ {2}-> ./m);
    expect(code).toBe(4);
  });
});

describe('A file that is something else', () => {
  it.each([
    ['a folder in place of a trust file', ['keys', 'show', work], 3, /: .* is a folder\./],
    [
      'text in place of a model',
      ['model', 'import', text, '--labels', labels, '--out', join(work, 'o')],
      3,
      /is text, not a model/,
    ],
    [
      'text in place of a token',
      ['login', 'http://127.0.0.1:2', '--token-file', garbage],
      3,
      /This is not an access token/,
    ],
    [
      'a model that the controller does not hold',
      ['model', 'pull', 'nix:1', '--out', join(work, 'p')],
      4,
      /The registry holds no .*nix:1/,
    ],
  ] as const)('(%s) is named', async (_, args, status, words) => {
    const { code, stderr } = await typedCommand(args);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/MANIFEST_UNKNOWN|\/v2\/|cut short/);
    expect(code).toBe(status);
  });
});
