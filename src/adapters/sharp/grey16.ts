import sharp from 'sharp';
import { describeError, InputError } from '../../base/index.ts';
import { decodeSeconds, maxPixels } from './limits.ts';

/** A picture of 16-bit values, row by row without padding, in the byte order of the machine. */
export interface Grey16 {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A grey PNG with 16 bits, value by value: no colour profile, no gamma. */
export async function decodeGrey16(bytes: Uint8Array): Promise<Grey16> {
  try {
    const { data, info } = await sharp(bytes, {
      ...{ limitInputPixels: maxPixels, failOn: 'truncated', sequentialRead: true, ignoreIcc: true },
    })
      .toColourspace('grey16')
      .raw({ depth: 'ushort' })
      .timeout({ seconds: decodeSeconds })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    if (channels !== 1 || data.length !== width * height * 2)
      throw new Error(`it has ${channels} channels, ${data.length} bytes`);
    return { data, width, height };
  } catch (error) {
    const [why = ''] = describeError(error).split('\n');
    throw new InputError(
      'picture-broken',
      `A picture of 16-bit values can't be read: ${why.trim()}.`,
      'It was damaged in transit, or its publisher sends another format.',
      { cause: error },
    );
  }
}
