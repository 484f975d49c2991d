import { detailScale, type Thumbnail, thumbnailCells } from '../../perception/index.ts';

/** What one frame says of its sensor, without a reference. */
export interface PictureFeatures {
  /** Mean luma, 0..1. */
  readonly brightness: number;
  /** Standard deviation of luma over the cells, 0..1. */
  readonly contrast: number;
  /** Mean of (largest - smallest channel), 0..1. */
  readonly saturation: number;
  /** Second difference in grey levels of the most detailed tenth of the picture, noise taken out. */
  readonly sharpness: number;
  /** Second difference in grey levels of the quietest fifth: what is left there is noise; 1.95 times its deviation. */
  readonly noise: number;
  /** Of the luma over the cells, bits, 0..6. */
  readonly entropy: number;
  /** Share of cells darker than 16 of 255, 0..1. */
  readonly dark: number;
  /** Share of cells brighter than 245 of 255, 0..1. */
  readonly bright: number;
  /** Shares of the mean colour, 0..1; a third each where the picture is grey or black. */
  readonly redShare: number;
  readonly blueShare: number;
}

const greyBins = new Uint32Array(256);
const detailBins = new Uint32Array(256);

/** About 10 microseconds. */
export function pictureFeatures(thumbnail: Thumbnail): PictureFeatures {
  const { grey, detail } = thumbnail;
  greyBins.fill(0);
  detailBins.fill(0);
  for (let i = 0; i < thumbnailCells; i++) {
    greyBins[grey[i]!]!++;
    detailBins[detail[i]!]!++;
  }
  let sum = 0;
  let squares = 0;
  let dark = 0;
  let bright = 0;
  let entropy = 0;
  for (let bin = 0; bin < 256; bin += 4) {
    let inBin = 0;
    for (let value = bin; value < bin + 4; value++) {
      const count = greyBins[value]!;
      inBin += count;
      sum += count * value;
      squares += count * value * value;
      if (value < 16) dark += count;
      if (value > 245) bright += count;
    }
    if (inBin > 0) entropy -= (inBin / thumbnailCells) * Math.log2(inBin / thumbnailCells);
  }
  const mean = sum / thumbnailCells;
  const noise = percentileMean(detailBins, 0, 0.2) / detailScale;
  const strong = percentileMean(detailBins, 0.9, 1) / detailScale;
  const light = thumbnail.red + thumbnail.green + thumbnail.blue;
  return {
    brightness: mean / 255,
    contrast: Math.sqrt(Math.max(0, squares / thumbnailCells - mean * mean)) / 255,
    saturation: thumbnail.chroma,
    // Noise adds in squares; the strongest tenth of pure noise lies at 2.2 times its quietest fifth or less.
    sharpness: Math.sqrt(Math.max(0, strong * strong - 4.8 * noise * noise)),
    noise,
    entropy,
    dark: dark / thumbnailCells,
    bright: bright / thumbnailCells,
    redShare: light < 0.03 ? 1 / 3 : thumbnail.red / light,
    blueShare: light < 0.03 ? 1 / 3 : thumbnail.blue / light,
  };
}

/** Mean of the values between two shares of the sorted cells. */
function percentileMean(bins: Uint32Array, from: number, to: number): number {
  const first = from * thumbnailCells;
  const last = to * thumbnailCells;
  let below = 0;
  let sum = 0;
  for (let value = 0; value < 256 && below < last; value++) {
    const count = bins[value]!;
    const taken = Math.min(below + count, last) - Math.max(below, first);
    if (taken > 0) sum += taken * value;
    below += count;
  }
  return sum / (last - first);
}
