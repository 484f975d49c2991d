import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { openLighter } from '../../../../src/agent/engines/lighter-variant.ts';
import { silentLog } from '../../../../src/base/index.ts';
import type { VariantKind } from '../../../../src/model/index.ts';
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

/** Every opening starts a thread and a network. */
const openingsMs = 180_000;

it(
  'An engine runs the variant that is asked for, else the preferred one of bundles that have it, else the best',
  async () => {
    const precision = async (preferredVariant: VariantKind, work = {}) => {
      const engines = new MachineEngines({ log: silentLog, preferredVariant });
      const detector = await engines.open('onnxruntime-node', bundle, work);
      await detector.close();
      return detector.identity.precision;
    };
    expect(await precision('fp16')).toBe('fp16');
    expect(await precision('fp16', { variant: 'fp32' })).toBe('fp32');
    expect(await precision('qdq-u8')).toBe('fp32');
    const strict = new MachineEngines({ log: silentLog, variant: 'qdq-u8' });
    await expect(strict.open('onnxruntime-node', bundle, {})).rejects.toMatchObject({
      code: 'variant-missing',
    });
  },
  openingsMs,
);

it(
  'A lighter variant is timed on the engine itself',
  async () => {
    const ports = { platform: new MachineEngines({ log: silentLog }), clock: new SystemClock() };
    const found = await openLighter(bundle, 'onnxruntime-node', { variant: 'fp16' }, ports, {});
    expect([found.variant, found.detector.identity.precision]).toEqual(['fp16', 'fp16']);
    expect(found.frameMs).toBeGreaterThan(0);
    await found.detector.close();
  },
  openingsMs,
);
