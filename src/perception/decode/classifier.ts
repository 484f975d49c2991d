import type { Candidates } from './candidates.ts';
import { bestClass, type DecodeContext, type Decoder } from './decoder.ts';

/**
 * Classifiers: 1 x C, one value per label. What is found has the whole picture as its box. `logits`: softmax is still to be
 * done; `softmax`: the network has done it.
 */
function classifier(scoresOf: (data: Float32Array, classCount: number) => Float32Array): Decoder {
  return {
    layout: '1 x C',
    axes: 2,
    finalBoxes: true,

    check([, values = 0], classCount) {
      if (values === 0 || values === classCount) return undefined;
      return `It has ${values} values, which is not the number of labels, ${classCount}.`;
    },

    decode({ data }, context, into) {
      const scores = scoresOf(data, context.classCount);
      if (context.multiLabel) for (let c = 0; c < context.classCount; c++) add(c, scores, context, into);
      else add(bestClass(scores, 0, 1, context.classCount), scores, context, into);
    },
  };
}

function add(classId: number, scores: Float32Array, context: DecodeContext, into: Candidates): void {
  const { scoreThreshold, wanted, input } = context;
  const score = scores[classId]!;
  // Written so that NaN goes on to the candidates, where it is counted.
  if (score < scoreThreshold || (wanted !== undefined && wanted[classId] !== 1)) return;
  into.add(classId, score, 0, 0, input.width, input.height);
}

export const softmax: Decoder = classifier((data) => data);

export const logits: Decoder = classifier((data, classCount) => {
  const scores = new Float32Array(classCount);
  let top = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classCount; c++) top = Math.max(top, data[c]!);
  let sum = 0;
  for (let c = 0; c < classCount; c++) sum += Math.exp(data[c]! - top);
  for (let c = 0; c < classCount; c++) scores[c] = Math.exp(data[c]! - top) / sum;
  return scores;
});
