import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { networkDigest, profilePathIn, readBundle } from '../../src/adapters/filesystem/index.ts';
import { OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import { BundleCheck } from '../../src/agent/index.ts';
import { parseProfile } from '../../src/drift/index.ts';
import { bundledCameras, hasTruth } from '../../src/model/index.ts';
import { goldenFiles } from '../../src/runtime/index.ts';
import { projectRoot } from './goshawk.ts';

vi.setConfig({ testTimeout: 600_000 });

const folder = join(projectRoot, 'models');
const models = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'manifest.json')));
const bundleOf = (name: string) => readBundle(join(projectRoot, 'models', name), 'digests');

describe('Every model of the repository', () => {
  it('is looked at here', () => {
    expect(models).toEqual(expect.arrayContaining(['street', 'street-int8', 'street-lean']));
  });

  it.each(models)('%s has budgets and a golden set with truth', async (name) => {
    const bundle = await bundleOf(name);
    const { budgets, variants } = bundle.manifest;
    expect(budgets).toMatchObject({ p95LatencyMs: expect.any(Number), memoryBytes: expect.any(Number) });
    const golden = await goldenFiles.read(bundle);
    expect(golden.frames.length).toBeGreaterThanOrEqual(16);
    expect(hasTruth(golden)).toBe(true);
    for (const { kind } of variants) {
      expect(golden.minAgreement[kind]).toBeGreaterThan(0.8);
      expect(golden.minMap?.[kind]).toBeGreaterThan(0.3);
    }
  });

  it.each(['street', 'street-int8'])(
    '%s, which the demo runs, brings the profiles of its cameras',
    async (name) => {
      const bundle = await bundleOf(name);
      expect([...bundledCameras(bundle.manifest)].sort()).toEqual(['north', 'south']);
      for (const camera of ['north', 'south']) {
        const path = profilePathIn(bundle.location, camera);
        expect(parseProfile(readFileSync(path, 'utf8'), path)).toMatchObject({
          ...{ camera, modelDigest: networkDigest(bundle.manifest) },
        });
      }
    },
  );

  // Speed is left to a device: a machine that runs tests is busy.
  it.each(models)('%s passes the check of a device, but for its speed', async (name) => {
    const { manifest, ...bundle } = await bundleOf(name);
    const { p95LatencyMs: _, ...budgets } = manifest.budgets ?? {};
    const detector = await OnnxruntimeDetector.create({ ...bundle, manifest });
    onTestFinished(() => detector.close());
    const check = new BundleCheck({ golden: goldenFiles, memoryBytes: () => 0 });
    const running = new AbortController().signal;
    await check.check({ ...bundle, manifest: { ...manifest, budgets } }, detector, running);
  });
});
