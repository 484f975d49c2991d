import { describe, expect, it } from 'vitest';
import { checkModule, moduleRefusal } from '../../../../src/runtime/engines/decoder-modules.ts';
import { tinyBundle } from '../../../fixtures/tiny-bundle.ts';

describe('The module of a bundle', () => {
  const bundle = tinyBundle({
    task: 'tensor',
    output: {
      family: 'tensor',
      outputs: [{ tensors: ['out'], axis: 'none', values: 1 }],
      raw: { module: 'decoder.mjs' },
    },
  });

  it.each([
    ['refuse', true, /settings of this device/],
    ['refuse', false, /settings of this device/],
    ['signed', false, /no trust root/],
    ['signed', true, undefined],
    ['any', false, undefined],
    ['any', true, undefined],
  ] as const)('under "%s" where signed is %s: %s', (setting, signed, words) => {
    const refuseModule = () => moduleRefusal(setting, signed);
    const check = () => checkModule(bundle, { refuseModule });
    if (words === undefined) expect(check).not.toThrow();
    else {
      expect(check).toThrow(words);
      expect(check).toThrow(expect.objectContaining({ code: 'decoder-refused', name: 'RefusedError' }));
    }
  });

  it('does not run where nobody said that it may, and a bundle without one is no concern', () => {
    expect(() => checkModule(bundle, {})).toThrow(/do not run here/);
    expect(() => checkModule(tinyBundle(), {})).not.toThrow();
  });
});
