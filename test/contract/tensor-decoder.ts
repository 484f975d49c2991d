import { afterEach, expect, it } from 'vitest';
import type { DecodedPicture, RawTensor, TensorDecoder } from '../../src/perception/index.ts';
import { suite } from './suite.ts';

export const picture: DecodedPicture = {
  ...{ width: 64, height: 48, labels: ['tensor'], scoreThreshold: 0.25 },
  geometry: {
    ...{ inputWidth: 32, inputHeight: 32, resizedWidth: 32, resizedHeight: 24 },
    ...{ offsetX: 0, offsetY: 4, scaleX: 0.5, scaleY: 0.5 },
  },
};

export const tensor = (...values: number[]): RawTensor => ({
  ...{ name: 'out', type: 'float32', dims: [1, values.length] },
  data: Float32Array.from(values),
});

/** What every TensorDecoder promises. `open`: one that says `{ sum, width }` of the output `out`, and fails where the sum is below 0. */
export function describeTensorDecoder(name: string, open: () => Promise<TensorDecoder>): void {
  suite(`A decoder of tensors: ${name}`, undefined, () => {
    const opened: TensorDecoder[] = [];
    const decoder = async () => {
      const made = await open();
      opened.push(made);
      return made;
    };
    afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

    it('says JSON of a picture, and how long it took', async () => {
      const one = await decoder();
      const { data, tookMs } = await one.decode([tensor(1, 2, 3)], picture);
      expect(data).toEqual({ sum: 6, width: 64 });
      expect(tookMs).toBeGreaterThanOrEqual(0);
    });

    it('rejects a picture on which it fails, as an error of its input, and reads the next one', async () => {
      const one = await decoder();
      await expect(one.decode([tensor(-1)], picture)).rejects.toMatchObject({ name: 'InputError' });
      expect((await one.decode([tensor(4)], picture)).data).toEqual({ sum: 4, width: 64 });
    });

    it('answers pictures that come together in their order', async () => {
      const one = await decoder();
      const answers = await Promise.all([1, 2, 3].map((value) => one.decode([tensor(value)], picture)));
      expect(answers.map(({ data }) => (data as { sum: number }).sum)).toEqual([1, 2, 3]);
    });

    it('takes no picture after it was closed', async () => {
      const one = await decoder();
      await one.close();
      await expect(one.decode([tensor(1)], picture)).rejects.toMatchObject({ code: 'cancelled' });
    });
  });
}
