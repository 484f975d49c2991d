import { goldenRules, taskOf, type VariantKind } from '../../model/index.ts';
import type { GraphRunner } from '../../optimize/index.ts';
import { goldenDetections, goldenSettings } from '../../perception/index.ts';
import type { GoldenModel } from '../golden/make-golden.ts';
import { truthFormOf } from '../pictures/truth-form.ts';
import { type Contracts, OutputDecoder } from './accuracy-scorer.ts';
import type { PictureSet } from './pictures.ts';

/** The variants of an optimization in the thread that measured them; a device gives the same to rounding. */
export function runnerModel(
  pictures: PictureSet,
  contracts: Contracts,
  labels: readonly string[],
  variants: ReadonlyMap<VariantKind, Uint8Array>,
  runner: GraphRunner,
): GoldenModel {
  return {
    labels,
    form: truthFormOf(taskOf(contracts.output)),
    kinds: [...variants.keys()],
    async open(kind) {
      const bytes = variants.get(kind);
      if (bytes === undefined) throw new RangeError(`no variant ${kind}`);
      const decoder = new OutputDecoder(contracts, labels, false);
      const loaded = await runner.load(bytes);
      return {
        async see(index) {
          const { outputs } = await loaded.run(await pictures.input(index));
          const picture = await pictures.picture(index);
          return goldenDetections(decoder.detections(outputs, picture, goldenSettings(goldenRules)));
        },
        close: () => loaded.close(),
      };
    },
  };
}
