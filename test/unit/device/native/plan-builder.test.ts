import { existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  buildPlan,
  PlanFolder,
  type PlanProgress,
  type PlanRequest,
} from '../../../../device/native/index.ts';
import { pluginPath } from '../../../../native/index.ts';
import { CancelledError, GoshawkError, LimitError } from '../../../../src/base/index.ts';
import { EngineCache, type EngineFingerprint } from '../../../../src/model/index.ts';
import { DetectorLostError } from '../../../../src/perception/index.ts';
import { missingPlugin, titled } from '../../../conformance/native-build.ts';

const why = missingPlugin('reference');

function request(change: Partial<PlanRequest> = {}): PlanRequest {
  const folder = mkdtempSync(path.join(tmpdir(), 'goshawk-plan-'));
  const onnx = path.join(folder, 'model.onnx');
  writeFileSync(onnx, 'the model');
  return {
    plugin: pluginPath('reference') ?? '',
    deviceOptions: { build_ms: '20' },
    engineOptions: {},
    onnx,
    plan: path.join(folder, 'model.plan'),
    timingCache: '',
    workspaces: [1000],
    ...change,
  };
}

describe.skipIf(why !== undefined)(titled('The build of a plan', why), () => {
  it('tells how far it is and leaves a complete plan', async () => {
    const heard: PlanProgress[] = [];
    const asked = request({ onProgress: (progress) => heard.push(progress) });
    const { buildMs, peakMemoryBytes } = await buildPlan(asked);
    expect(readFileSync(asked.plan, 'utf8')).toBe('the model');
    expect(heard.map(({ fraction }) => fraction)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect(heard[0]).toMatchObject({ phase: 'reference', workspaceBytes: 1000 });
    expect(buildMs).toBeGreaterThan(0);
    expect(peakMemoryBytes).toBeGreaterThan(2 ** 20);
  });

  it('tries again with less memory, and gives up when nothing is left to try', async () => {
    const asked = request({ deviceOptions: { most_workspace: '300' }, workspaces: [1000, 500, 250] });
    await buildPlan(asked);
    expect(existsSync(asked.plan)).toBe(true);
    await expect(
      buildPlan(request({ deviceOptions: { most_workspace: '3' }, workspaces: [9, 6] })),
    ).rejects.toBeInstanceOf(LimitError);
  });

  it('ends at once when it is cancelled, and leaves nothing', async () => {
    const controller = new AbortController();
    const asked = request({
      deviceOptions: { build_ms: '60000' },
      signal: controller.signal,
    });
    const building = buildPlan(asked);
    setTimeout(() => controller.abort(), 200);
    await expect(building).rejects.toBeInstanceOf(CancelledError);
    expect(existsSync(asked.plan) || existsSync(`${asked.plan}.part`)).toBe(false);
  });

  it('outlives a builder that crashes, and says by which signal', async () => {
    const asked = request({ deviceOptions: { build_ms: '20', crash_at: '3' } });
    const error = await buildPlan(asked).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GoshawkError);
    expect(String(error)).toContain('SIGABRT');
    expect(existsSync(asked.plan)).toBe(false);
  });

  it('may lose its GPU without this process having lost it', async () => {
    const asked = request({ deviceOptions: { build_ms: '20', process_lost_at: '3' } });
    const error = await buildPlan(asked).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'native-process-lost' });
    expect(error).not.toBeInstanceOf(DetectorLostError);
  });

  it('says what the engine says', async () => {
    await expect(buildPlan(request({ onnx: '/nowhere/model.onnx' }))).rejects.toThrow(/no file \/nowhere/);
  });
});

describe('A folder of plans', () => {
  const fingerprint: EngineFingerprint = {
    model: `sha256:${'a'.repeat(64)}`,
    precision: 'fp32',
    profiles: {},
    workspaceBytes: 1,
    flags: [],
    dlaCore: null,
    tensorrt: '10.3.0.30',
    cudaDriver: '12060',
    computeCapability: '8.7',
    smCount: 8,
    board: 'test',
    pluginAbi: '1.0',
  };
  const key = 'c'.repeat(64);
  const cacheAt = (folder: string) =>
    new EngineCache(
      new PlanFolder(folder),
      () => key,
      () => '2026-01-01T00:00:00Z',
    );

  it('keeps a plan over a restart, and notices one that was cut off', async () => {
    const folder = path.join(mkdtempSync(path.join(tmpdir(), 'goshawk-plans-')), 'deep');
    const build = async (_: EngineFingerprint, plan: string) => {
      writeFileSync(plan, 'a plan');
      return { buildMs: 1, peakMemoryBytes: 1 };
    };
    const plan = await cacheAt(folder).prepare(fingerprint, build);
    expect(plan).toBe(path.join(folder, `${key}.plan`));
    expect((await cacheAt(folder).entry(fingerprint)).state).toBe('ready');
    writeFileSync(plan, 'a pla');
    expect((await cacheAt(folder).entry(fingerprint)).state).toBe('absent');
    expect(existsSync(plan)).toBe(false);
  });

  it('says why nothing can be written to it', async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'goshawk-plans-')), 'file');
    writeFileSync(file, '');
    expect(await new PlanFolder(path.join(file, 'plans')).obstacle()).toMatch(
      /can't be written to .*ENOTDIR/,
    );
  });

  it('makes room: what ended builds left, and the plans that were opened least, never one in use', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'goshawk-plans-'));
    const plans = new PlanFolder(folder, { mostPlanBytes: 250, leastFreeBytes: 0 });
    const keys = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(64));
    const [a, b, c, d] = keys as [string, string, string, string];
    for (const [age, one] of keys.entries()) {
      writeFileSync(plans.planPath(one), Buffer.alloc(100));
      writeFileSync(path.join(folder, `${one}.json`), '{}');
      utimesSync(plans.planPath(one), 1000 + age, 1000 + age);
    }
    for (const one of [a, d]) writeFileSync(`${plans.planPath(one)}.part`, 'half');
    writeFileSync(path.join(folder, 'timing-10.cache'), 'times');
    // `b` was opened just now, `a` is older and in use.
    await plans.touchPlan(b);
    await plans.makeRoom(new Set([a]));
    expect(readdirSync(folder).sort()).toEqual(
      [`${a}.json`, `${a}.plan`, `${a}.plan.part`, `${b}.json`, `${b}.plan`, 'timing-10.cache'].sort(),
    );
    expect([c, d].some((one) => existsSync(plans.planPath(one)))).toBe(false);
  });
});
