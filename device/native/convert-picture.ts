import { loadNative, type NativeAddon } from '../../native/index.ts';
import type { ConvertPicture, ConvertPictureAside } from '../../src/ros2/index.ts';

function addon(): NativeAddon | undefined {
  try {
    return loadNative();
  } catch {
    return undefined;
  }
}

/** In the addon; undefined where it is not there. */
export function nativeConvertPicture(): ConvertPicture | undefined {
  const native = addon();
  if (native === undefined) return undefined;
  return ({ data, width, height, step, encoding }, out) =>
    native.convertPicture(data, width, height, step, encoding, out);
}

/** In the addon on another thread; undefined where it is not there. */
export function nativeConvertPictureAside(): ConvertPictureAside | undefined {
  const native = addon();
  if (native === undefined) return undefined;
  return ({ data, width, height, step, encoding }, out, pieces) =>
    native.convertPictureAside(data, width, height, step, encoding, out, pieces);
}
