import { beforeEach, describe, expect, it } from 'vitest';
import { openLighter } from '../../../../src/agent/engines/lighter-variant.ts';
import { MissingError } from '../../../../src/base/index.ts';
import type { Bundle, VariantKind } from '../../../../src/model/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeDetector } from '../../../fakes/fake-pipeline.ts';
import { tinyBundle } from '../../../fixtures/tiny-bundle.ts';

const file = { path: 'a.onnx', digest: `sha256:${'0'.repeat(64)}`, size: 1 };
const kinds: readonly VariantKind[] = ['fp32', 'qdq-u8', 'weights-int8'];
const bundle: Bundle = tinyBundle({ variants: kinds.map((kind) => ({ kind, file })) });

describe('A lighter variant', () => {
  let took: Partial<Record<VariantKind, number>>;
  let nowMs: number;
  let opened: Map<VariantKind, FakeDetector>;
  let plan: 'absent' | 'ready';

  const ports = {
    platform: {
      planStatus: async () => ({ state: plan, proven: true }) as const,
      open: async (_engine: string, { digest }: Bundle, { variant = 'fp32' }: { variant?: VariantKind }) => {
        const ms = took[variant];
        if (ms === undefined) throw new MissingError('no-memory', 'There is no memory.', '');
        const detector = new FakeDetector(digest, '1', () => {
          nowMs += ms;
          return [];
        });
        opened.set(variant, detector);
        return detector;
      },
    },
    clock: Object.assign(new FakeClock(), { monotonicMs: () => nowMs }),
  };
  const open = (
    request: { variant?: VariantKind; thanMs?: number; usual?: VariantKind },
    engine = 'onnxruntime' as const,
  ) => openLighter(bundle, engine, request, ports, {});

  beforeEach(() => {
    nowMs = 0;
    opened = new Map();
    plan = 'ready';
    took = { fp32: 40, 'qdq-u8': 30, 'weights-int8': 12 };
  });

  it('is the one that is fastest here, and the others are closed', async () => {
    const found = await open({ thanMs: 40 });
    expect(found).toMatchObject({ variant: 'weights-int8', frameMs: 12 });
    expect([...opened].map(([kind, { closed }]) => [kind, closed])).toEqual([
      ['fp32', true],
      ['qdq-u8', true],
      ['weights-int8', false],
    ]);
  });

  it('is not the one that it would take the place of, however fast it looks', async () => {
    took = { fp32: 1, 'qdq-u8': 30, 'weights-int8': 12 };
    expect(await open({ thanMs: 40, usual: 'fp32' })).toMatchObject({ variant: 'weights-int8' });
    expect(opened.has('fp32')).toBe(false);
  });

  it('is the one that was named', async () => {
    expect(await open({ variant: 'qdq-u8', thanMs: 40 })).toMatchObject({ variant: 'qdq-u8' });
    expect([...opened.keys()]).toEqual(['qdq-u8']);
  });

  it('is none where it takes nearly as long as the one that serves, and everything is closed', async () => {
    const refusal = open({ thanMs: 13 });
    await expect(refusal).rejects.toMatchObject({ code: 'variant-not-lighter' });
    await expect(refusal).rejects.toThrow('weights-int8 takes 12.0 ms');
    expect([...opened.values()].every(({ closed }) => closed)).toBe(true);
  });

  it('passes over one that does not open', async () => {
    took = { 'qdq-u8': 20 };
    expect(await open({ thanMs: 40 })).toMatchObject({ variant: 'qdq-u8' });
  });

  it('builds no plan', async () => {
    plan = 'absent';
    await expect(openLighter(bundle, 'tensorrt', { variant: 'fp32' }, ports, {})).rejects.toThrow(
      'fp32 has no plan yet',
    );
    expect(opened.size).toBe(0);
  });

  it('is refused where the bundle has none of that name', async () => {
    await expect(open({ variant: 'fp16' })).rejects.toThrow('has no variant fp16');
  });
});
