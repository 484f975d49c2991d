import {
  bitmapOfMask,
  cornersOf,
  type Detection,
  type ScoredBox,
  type TruthForm,
} from '../../perception/index.ts';

/** What is compared of a detection: a mask in pixels of the picture, a rotated box with its corners. */
export function comparedTo(
  { mask, rotated, ...box }: Detection,
  size: { readonly width: number; readonly height: number },
  form: TruthForm,
): ScoredBox {
  const rest = rotated === undefined || form !== 'corners' ? box : { ...box, corners: cornersOf(rotated) };
  return mask === undefined || form !== 'outlines'
    ? rest
    : { ...rest, bitmap: bitmapOfMask(mask, rest.box, { width: size.width, height: size.height }) };
}
