import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeGrey16 } from '../../../../src/adapters/sharp/index.ts';
import { greyPng } from '../../../fixtures/grey-png.ts';

const valuesOf = ({ data }: { readonly data: Uint8Array }) => [
  ...new Uint16Array(data.buffer, data.byteOffset, data.length / 2),
];

it('A PNG of 16-bit values becomes these values, each as it is', async () => {
  const values = fc.array(fc.nat(65_535), { minLength: 12, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(values, fc.constantFrom(1, 3, 4, 12), async (numbers, width) => {
      const decoded = await decodeGrey16(greyPng(width, 12 / width, numbers));
      expect([decoded.width, decoded.height, valuesOf(decoded)]).toEqual([width, 12 / width, numbers]);
    }),
    { numRuns: 30 },
  );
});

it.each([
  [
    'cut short',
    greyPng(
      64,
      64,
      Array.from({ length: 4096 }, (_, i) => (i * 7919) % 65_536),
    ).subarray(0, 900),
  ],
  ['no picture', Uint8Array.of(1, 2, 3)],
  ['empty', new Uint8Array()],
])('One that is %s is refused', async (_, bytes) => {
  await expect(decodeGrey16(bytes)).rejects.toMatchObject({ code: 'picture-broken' });
});
