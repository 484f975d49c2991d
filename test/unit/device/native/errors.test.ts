import { describe, expect, it } from 'vitest';
import { explainFrame, explainNative } from '../../../../device/native/errors.ts';
import { GoshawkError, InputError, InternalError, LimitError } from '../../../../src/base/index.ts';
import { DetectorLostError } from '../../../../src/perception/index.ts';

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

  it('of memory that cannot be locked is a limit of the service, and no defect of ours', () => {
    for (const error of [
      native('native-invalid', "The engine's memory can't be locked: it may lock 65536 bytes."),
      native('native-memory-lock', "The builder's memory can't be locked: it may lock 65536 bytes."),
    ]) {
      const explained = explainNative(error, 'street 2');
      expect(explained).toBeInstanceOf(LimitError);
      expect(explained).toMatchObject({
        code: 'native-memory-lock',
        remedy: expect.stringContaining('LimitMEMLOCK=infinity'),
      });
    }
  });

  it.each([
    ['native-device-lost', 'device'],
    ['native-process-lost', 'process'],
  ])('of a permanent loss (%s) names what was lost', (code, lost) => {
    for (const explain of [explainNative, explainFrame]) {
      const error = explain(native(code, 'gone'), 'street 2');
      expect(error).toBeInstanceOf(DetectorLostError);
      expect(error).toMatchObject({ lost, code, message: 'street 2: gone' });
    }
  });

  it.each([
    ['native-bad-frame', true],
    ['native-bad-jpeg', true],
    ['native-unsupported', false],
    ['native-corrupt', false],
    ['native-incompatible', false],
    ['native-engine', false],
  ])('of a frame under way (%s) blames the frame only for what is wrong with it: %s', (code, blamed) => {
    const error = explainFrame(native(code, 'no'), 'A frame of front');
    expect(error instanceof InputError).toBe(blamed);
    expect(error).toBeInstanceOf(GoshawkError);
    expect(error.code).toBe(code);
  });

  it('of a broken invariant is a defect', () => {
    expect(explainNative(native('native-internal', 'a queue broke'), 'street 2')).toBeInstanceOf(
      InternalError,
    );
  });
});
