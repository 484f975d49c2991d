import { describe, expect, it } from 'vitest';
import { afterDeployment } from '../../../../src/agent/engines/after-deployment.ts';
import { bundleOf, modelOf } from '../../../fakes/fake-device.ts';

const a = bundleOf(modelOf('a'));
const b = bundleOf(modelOf('b'));
const serving = (bundle: typeof a, engine: string) => ({ digest: bundle.digest, engine });

describe('The end of a deployment', () => {
  it.each([
    ['proves the plan of the model that was ordered', serving(b, 'tensorrt'), b, undefined, b, false],
    [
      'proves nothing where another engine serves it',
      serving(b, 'onnxruntime'),
      b,
      undefined,
      undefined,
      false,
    ],
    [
      'proves nothing where the old model serves again',
      serving(a, 'tensorrt'),
      b,
      undefined,
      undefined,
      false,
    ],
    ['proves nothing that was not ordered', serving(a, 'tensorrt'), undefined, undefined, undefined, false],
    [
      'leaves the old model waiting for its plan where it goes on',
      serving(a, 'onnxruntime'),
      b,
      a,
      undefined,
      true,
    ],
    ['ends the wait of a model that was replaced', serving(b, 'onnxruntime'), b, a, undefined, false],
    ['ends the wait of a model that has its plan', serving(a, 'tensorrt'), undefined, a, undefined, false],
  ])('%s', (_, served, ordered, pending, proven, stillPending) => {
    expect(afterDeployment(served, ordered, pending)).toEqual({ proven, stillPending });
  });
});
