import { noModelDigest } from '../../agent/index.ts';
import { CancelledError } from '../../base/index.ts';
import type { Pipeline } from '../../perception/index.ts';
import type { ServedModels } from '../../serving/index.ts';

/** Models of a pipeline that is there by the time somebody asks. */
export function pipelineModels(live: () => Pipeline | undefined): ServedModels {
  return {
    models: () =>
      [...(live()?.identities() ?? [])]
        .map(([slot, identity]) => ({ slot, identity }))
        .filter(({ identity }) => identity.digest !== noModelDigest),
    infer: async (slot, frame, settings, signal) => {
      const pipeline = live();
      if (pipeline === undefined) throw new CancelledError('The question');
      return pipeline.request(slot, frame, settings, signal);
    },
    decode: async (bytes) =>
      (await import('../../adapters/sharp/index.ts')).decodePicture(bytes, 'The picture of the request'),
  };
}
