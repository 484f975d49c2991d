import { describe, expect, it } from 'vitest';
import { explainNative } from '../../../../device/native/errors.ts';
import { InputError, InternalError, LimitError } from '../../../../src/base/index.ts';

const native = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('What the addon says', () => {
  it.each(['native-internal', 'native-invalid', 'native-engine', 'native-unsupported'])(
    'of a trial run that failed (%s) is a refusal of the model with cause and remedy, and no defect of ours',
    (code) => {
      const error = explainNative(native(code, 'The first run failed: Reshape got 3072 values'), 'street 2');
      expect(error).toBeInstanceOf(InputError);
      expect(error).toMatchObject({
        code: 'model-trial',
        message: 'street 2 loads, but fails when it runs: Reshape got 3072 values',
        remedy: expect.stringMatching(/export it again/),
      });
    },
  );

  it('of memory that runs out in the trial run is no fault of the model', () => {
    const error = explainNative(
      native('native-out-of-memory', 'The first run failed: no memory'),
      'street 2',
    );
    expect(error).toBeInstanceOf(LimitError);
  });

  it('of a broken invariant is a defect', () => {
    expect(explainNative(native('native-internal', 'a queue broke'), 'street 2')).toBeInstanceOf(
      InternalError,
    );
  });
});
