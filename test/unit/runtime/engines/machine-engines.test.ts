import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { openLighter } from '../../../../src/agent/engines/lighter-variant.ts';
import { silentLog } from '../../../../src/base/index.ts';
import { MachineEngines } from '../../../../src/runtime/engines/machine-engines.ts';
import { tinyBundle } from '../../../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../../../fixtures/tiny-onnx.ts';

const location = mkdtempSync(join(tmpdir(), 'goshawk-variants-'));
afterAll(() => rmSync(location, { recursive: true }));
writeFileSync(join(location, 'net.onnx'), tinyOnnx());
const file = { path: 'net.onnx', digest: `sha256:${'0'.repeat(64)}`, size: 1 };
const bundle = {
  ...tinyBundle({ variants: (['fp32', 'fp16'] as const).map((kind) => ({ kind, file })) }),
  location,
};

it('An engine runs the variant that is asked for, else that of the settings, else the best', async () => {
  const best = new MachineEngines({ log: silentLog });
  const set = new MachineEngines({ log: silentLog, variant: 'fp16' });
  const precision = async (engines: MachineEngines, work = {}) => {
    const detector = await engines.open('onnxruntime-node', bundle, work);
    await detector.close();
    return detector.identity.precision;
  };
  expect(await precision(best)).toBe('fp32');
  expect(await precision(best, { variant: 'fp16' })).toBe('fp16');
  expect(await precision(set)).toBe('fp16');
  expect(await precision(set, { variant: 'fp32' })).toBe('fp32');
  const preferred = new MachineEngines({ log: silentLog, preferredVariant: 'fp16' });
  expect(await precision(preferred)).toBe('fp16');
  expect(await precision(new MachineEngines({ log: silentLog, preferredVariant: 'qdq-u8' }))).toBe('fp32');
  const strict = new MachineEngines({ log: silentLog, variant: 'qdq-u8' });
  await expect(precision(strict)).rejects.toMatchObject({ code: 'variant-missing' });
});

it('A lighter variant is timed on the engine itself', async () => {
  const platform = new MachineEngines({ log: silentLog });
  const ports = { platform, clock: new SystemClock() };
  const found = await openLighter(bundle, 'onnxruntime-node', { variant: 'fp16' }, ports, {});
  expect([found.variant, found.detector.identity.precision]).toEqual(['fp16', 'fp16']);
  expect(found.frameMs).toBeGreaterThan(0);
  await found.detector.close();
  await expect(
    openLighter(bundle, 'onnxruntime-node', { variant: 'fp16', thanMs: 1e-6 }, ports, {}),
  ).rejects.toMatchObject({ code: 'variant-not-lighter' });
});
