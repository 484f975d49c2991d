import { loadNative } from '../../native/index.ts';
import type { ConvertPicture } from '../../src/ros2/index.ts';

/** In the addon; undefined where it is not there. */
export function nativeConvertPicture(): ConvertPicture | undefined {
  try {
    const { convertPicture } = loadNative();
    return ({ data, width, height, step, encoding }, out) =>
      convertPicture(data, width, height, step, encoding, out);
  } catch {
    return undefined;
  }
}
