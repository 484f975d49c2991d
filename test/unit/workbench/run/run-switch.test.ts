import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import { CancelledError, silentLog } from '../../../../src/base/index.ts';
import type { Bundle } from '../../../../src/model/index.ts';
import type { Pipeline } from '../../../../src/perception/index.ts';
import type { RunModels } from '../../../../src/workbench/run/models.ts';
import { RunSwitch } from '../../../../src/workbench/run/run-switch.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

async function bundle(version: string): Promise<string> {
  const bytes = Uint8Array.of(1, 2, 3);
  const file = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
  const manifest = tinyManifest({ version, variants: [{ kind: 'fp32', file }] });
  return (await writeBundle(join(temporaryFolder(), version), manifest, new Map([['fp32.onnx', bytes]])))
    .location;
}

async function offered({ limited = false, running = true } = {}) {
  const steps: string[] = [];
  const folders = [await bundle('1.0.0'), await bundle('2.0.0')];
  const models = {
    prepare: async ({ manifest }: Bundle) => {
      steps.push(`prepare ${manifest.version}`);
      return { detector: { close: async () => void steps.push('close') } };
    },
    replaceMain: async (_: unknown, swap: (detector: unknown) => Promise<void>) => swap({}),
  } as unknown as RunModels;
  const pipeline = { swap: async () => void steps.push('swap') } as unknown as Pipeline;
  const choice = new RunSwitch({
    ...{ folders, models, limited, log: silentLog, request: {} as never },
    pipeline: () => (running ? pipeline : undefined),
  });
  const told: string[] = [];
  const { name } = tinyManifest();
  const swap = (version: string, signal = new AbortController().signal) =>
    choice.swap({ name, version }, (one) => told.push(`${one.state}${one.cancellable ? '' : '!'}`), signal);
  return { choice, swap, steps, told, folders };
}

describe('The models of a run that the graph may choose', () => {
  it('are the main one and those that were named', async () => {
    const { choice } = await offered();
    expect((await choice.allowed()).map(({ version }) => version)).toEqual(['1.0.0', '2.0.0']);
  });

  it('take its place when they are ready, and cannot be given up from then on', async () => {
    const { swap, steps, told } = await offered();
    expect(await swap('2.0.0')).toMatch(/^sha256:/);
    expect(steps).toEqual(['prepare 2.0.0', 'swap']);
    expect(told).toEqual(['verifying', 'preparing', 'swapping!']);
  });

  it('are read again where they lie: the one that serves now', async () => {
    const { choice, swap, steps, folders } = await offered();
    expect(await choice.reload()).toContain(`${folders[0]} was read again`);
    await swap('2.0.0');
    expect(await choice.reload()).toContain(`${folders[1]} was read again`);
    expect(steps.filter((step) => step.startsWith('prepare'))).toEqual([
      'prepare 1.0.0',
      'prepare 2.0.0',
      'prepare 2.0.0',
    ]);
  });

  it('are closed again where they were given up, or the run rests, before they served', async () => {
    const stop = new AbortController();
    stop.abort();
    const first = await offered();
    await expect(first.swap('2.0.0', stop.signal)).rejects.toBeInstanceOf(CancelledError);
    expect(first.steps).toEqual(['prepare 2.0.0', 'close']);
    const resting = await offered({ running: false });
    await expect(resting.swap('2.0.0')).rejects.toBeInstanceOf(CancelledError);
    expect(resting.steps).toEqual(['prepare 2.0.0', 'close']);
  });

  it('stay where so many frames were asked for', async () => {
    const { swap, steps } = await offered({ limited: true });
    await expect(swap('2.0.0')).rejects.toMatchObject({ code: 'run-swap-frames' });
    expect(steps).toEqual([]);
  });
});
