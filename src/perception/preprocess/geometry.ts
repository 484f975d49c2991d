import { fits, type InputContract } from '../../model/index.ts';

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
 * One scale min(W/w, H/h), resized sides rounded (at least 1 pixel), the rest is pad, as Ultralytics' LetterBox does; or, where
 * the fit does not keep the aspect, each side on its own.
 * A point of the input maps back by (input - offset) / scale.
 */
export function letterboxGeometry(
  input: Pick<InputContract, 'width' | 'height' | 'fit'>,
  width: number,
  height: number,
): LetterboxGeometry {
  const fit = fits[input.fit];
  if (!fit.keepsAspect) {
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
  return {
    // Of the sides after rounding, because those are what the resize really applied.
    scaleX: resizedWidth / width,
    scaleY: resizedHeight / height,
    offsetX: Math.floor((input.width - resizedWidth) * fit.left),
    offsetY: Math.floor((input.height - resizedHeight) * fit.top),
    resizedWidth,
    resizedHeight,
  };
}
