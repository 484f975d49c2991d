import type { InputContract } from '../../model/index.ts';

/** Where the frame lies in the network's input. */
export interface LetterboxGeometry {
  /** Input pixels per frame pixel. */
  readonly scaleX: number;
  readonly scaleY: number;
  /** Left and top pad in input pixels. */
  readonly offsetX: number;
  readonly offsetY: number;
  /** Size of the resized frame within the input, pixels. */
  readonly resizedWidth: number;
  readonly resizedHeight: number;
}

/**
 * `center` and `top-left`: one scale min(W/w, H/h), resized sides rounded (at least 1 pixel), the rest is pad; centred
 * as Ultralytics' LetterBox does (an odd pixel of pad goes to the right and the bottom). `stretch`: each side on its own.
 * A point of the input maps back by (input - offset) / scale.
 */
export function letterboxGeometry(
  input: Pick<InputContract, 'width' | 'height' | 'fit'>,
  width: number,
  height: number,
): LetterboxGeometry {
  if (input.fit === 'stretch') {
    return {
      scaleX: input.width / width,
      scaleY: input.height / height,
      offsetX: 0,
      offsetY: 0,
      resizedWidth: input.width,
      resizedHeight: input.height,
    };
  }
  const scale = Math.min(input.width / width, input.height / height);
  const resizedWidth = Math.max(1, Math.min(input.width, Math.round(width * scale)));
  const resizedHeight = Math.max(1, Math.min(input.height, Math.round(height * scale)));
  const centred = input.fit === 'center';
  return {
    // Of the sides after rounding, because those are what the resize really applied.
    scaleX: resizedWidth / width,
    scaleY: resizedHeight / height,
    offsetX: centred ? Math.max(0, Math.round((input.width - resizedWidth) / 2 - 0.1)) : 0,
    offsetY: centred ? Math.max(0, Math.round((input.height - resizedHeight) / 2 - 0.1)) : 0,
    resizedWidth,
    resizedHeight,
  };
}
