import { describe, expect, it } from 'vitest';
import { chooseVariant, forcedVariants, precisionOf, type VariantKind } from '../../../src/model/index.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';

function manifest(
  kinds: readonly VariantKind[],
  maps: Partial<Record<VariantKind, number>> = {},
  minMap?: number,
) {
  const [fp32] = tinyManifest().variants;
  return tinyManifest({
    variants: kinds.map((kind) => ({
      kind,
      file: { ...fp32!.file, path: `${kind}.onnx` },
      ...(maps[kind] === undefined
        ? {}
        : { accuracy: { dataset: 'set', images: 64, map: maps[kind], ap50: 0.5 } }),
    })),
    ...(minMap === undefined ? {} : { budgets: { minMap } }),
  });
}

describe('The variant that an engine runs', () => {
  it.each<[string, VariantKind[], VariantKind]>([
    ['onnxruntime-node', ['fp32', 'qdq-s8', 'qdq-u8'], 'qdq-u8'],
    ['onnxruntime', ['fp32', 'qdq-s8'], 'fp32'],
    ['onnxruntime', ['qdq-s8'], 'qdq-s8'],
    ['tensorrt', ['fp32', 'qdq-s8', 'qdq-u8'], 'qdq-s8'],
    ['tensorrt', ['fp32', 'fp16', 'qdq-u8'], 'fp16'],
    ['tensorrt', ['fp32', 'qdq-u8'], 'fp32'],
  ])('on %s from %j is %s', (engine, kinds, expected) => {
    expect(chooseVariant(manifest(kinds), engine as 'tensorrt').variant.kind).toBe(expected);
  });

  it('is not one that misses the accuracy budget, unless asked for', () => {
    const bundle = manifest(['fp32', 'qdq-u8'], { fp32: 0.4, 'qdq-u8': 0.2 }, 0.3);
    const choice = chooseVariant(bundle, 'onnxruntime');
    expect(choice.variant.kind).toBe('fp32');
    expect(choice.reason).toContain('qdq-u8 has mAP 0.200, below the budget of 0.300');
    expect(chooseVariant(bundle, 'onnxruntime', 'qdq-u8').variant.kind).toBe('qdq-u8');
  });

  it('says that it was forced into the bundle', () => {
    const bundle = manifest(['fp32', 'qdq-u8']);
    const forced = [{ kind: 'qdq-u8', drop: 0.0234, maxDrop: 0.01 }];
    const marked = { ...bundle, provenance: { ...bundle.provenance, optimization: { forced } } };
    const sentence = 'qdq-u8 ships by force: it loses 2.34 points of accuracy where 1.00 were allowed';
    expect(chooseVariant(marked, 'onnxruntime').reason).toContain(sentence);
    expect(chooseVariant(marked, 'onnxruntime', 'qdq-u8').reason).toBe(`asked for; ${sentence}`);
    expect(chooseVariant(marked, 'onnxruntime', 'fp32').reason).toBe('asked for');
    expect(chooseVariant(bundle, 'onnxruntime').reason).not.toContain('force');
  });

  it('knows only forced variants that are there and well formed', () => {
    const bundle = manifest(['fp32']);
    const withForced = (forced: unknown) =>
      forcedVariants({ ...bundle, provenance: { ...bundle.provenance, optimization: { forced } } });
    const fp32 = { kind: 'fp32', drop: 0.02, maxDrop: 0.01 };
    expect(withForced([fp32, { kind: 'qdq-u8', drop: 0.02, maxDrop: 0.01 }, 'fp32', null])).toEqual([fp32]);
    expect(withForced('all')).toEqual([]);
  });

  it('is refused in words where there is none', () => {
    expect(() => chooseVariant(manifest(['qdq-u8']), 'tensorrt')).toThrow(
      /tensorrt can run no variant.*qdq-u8/,
    );
    expect(() => chooseVariant(manifest(['fp32']), 'tensorrt', 'fp16')).toThrow(
      /no variant fp16; it has fp32/,
    );
    expect(() => chooseVariant(manifest(['fp32'], { fp32: 0.1 }, 0.3), 'onnxruntime')).toThrow(
      /accuracy budget/,
    );
  });

  it('has a precision in words that users know', () => {
    expect(
      ['fp32', 'fp16', 'qdq-s8', 'weights-int8'].map((kind) => precisionOf(kind as VariantKind)),
    ).toEqual(['fp32', 'fp16', 'int8', 'int8']);
  });
});
