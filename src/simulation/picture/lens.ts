import type { StreetConditions } from '../conditions.ts';
import { createRandom, hash32, valueNoise } from '../random.ts';

/** What the lens and the sensor do to the picture, after the street has been painted. */
export interface Lens {
  /** Changes the pixels in place. */
  apply(rgb: Uint8Array, conditions: StreetConditions, frame: number, gain: number): void;
}

const noiseSize = 1 << 16;
const stretch = 4096;

export function createLens(seed: number, width: number, height: number): Lens {
  const noise = gaussians(seed);
  const scratch = new Uint8Array(width * height * 3);
  const table = new Int16Array(256);
  const grain = new Int16Array(noiseSize);
  let grainSigma = -1;
  let mud: Uint8Array | undefined;
  let mudSeverity = -1;

  function smear(rgb: Uint8Array, severity: number): void {
    if (mud === undefined || mudSeverity !== severity) {
      mud = mudMask(seed, width, height, severity);
      mudSeverity = severity;
    }
    for (let pixel = 0, at = 0; pixel < mud.length; pixel++, at += 3) {
      const cover = mud[pixel]!;
      if (cover === 0) continue;
      const alpha = cover / 255;
      rgb[at] = rgb[at]! + (74 - rgb[at]!) * alpha;
      rgb[at + 1] = rgb[at + 1]! + (64 - rgb[at + 1]!) * alpha;
      rgb[at + 2] = rgb[at + 2]! + (50 - rgb[at + 2]!) * alpha;
    }
  }

  return {
    apply(rgb, conditions, frame, gain) {
      if (conditions.rain > 0) streaks(rgb, width, height, conditions.rain, seed, frame);
      if (conditions.dirt > 0) smear(rgb, conditions.dirt);
      if (conditions.blur > 0) {
        const radius = (conditions.blur * 1.3 * width) / 640;
        boxBlur(rgb, scratch, width, height, radius);
        boxBlur(rgb, scratch, width, height, radius);
      }
      const exposure = gain * (1 + conditions.overexposed * 0.55) * (1 - conditions.black / 5);
      const lift = conditions.overexposed * 9;
      for (let value = 0; value < 256; value++) table[value] = Math.min(1023, value * exposure + lift);
      // A sensor in the dark turns its gain up, and its noise with it; a black picture keeps a trace of noise.
      const sigma = (1.6 + conditions.night * 0.9 + conditions.noise * 8) * (conditions.black >= 5 ? 0.4 : 1);
      if (sigma !== grainSigma) {
        for (let i = 0; i < noiseSize; i++) grain[i] = Math.round(noise[i]! * sigma);
        grainSigma = sigma;
      }
      const clamped = new Uint8ClampedArray(rgb.buffer, rgb.byteOffset, rgb.length);
      // Each stretch starts somewhere else in the table, or the eye sees it repeat.
      for (let begin = 0; begin < rgb.length; begin += stretch) {
        const offset =
          (hash32(begin ^ Math.imul(frame + 1, 0x9e3779b1) ^ seed) % (noiseSize - stretch)) - begin;
        const end = Math.min(rgb.length, begin + stretch);
        for (let i = begin; i < end; i++) clamped[i] = table[clamped[i]!]! + grain[offset + i]!;
      }
    },
  };
}

function gaussians(seed: number): Float32Array {
  const random = createRandom(seed ^ 0x6e01);
  return Float32Array.from({ length: noiseSize }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return radius * Math.cos(2 * Math.PI * random.next());
  });
}

function mudMask(seed: number, width: number, height: number, severity: number): Uint8Array {
  const mask = new Float32Array(width * height);
  const random = createRandom(seed ^ 0xd127);
  const spots = Math.round(6 + severity * 14);
  for (let i = 0; i < spots; i++) {
    const cx = random.between(0, width);
    const cy = random.between(0, height);
    const radius = (random.between(0.012, 0.05) + 0.012 * severity * random.next()) * width;
    const strength = random.between(0.35, 0.65) + 0.07 * severity;
    const y0 = Math.max(0, Math.floor(cy - radius));
    const y1 = Math.min(height - 1, Math.ceil(cy + radius));
    const x0 = Math.max(0, Math.floor(cx - radius));
    const x1 = Math.min(width - 1, Math.ceil(cx + radius));
    for (let y = y0; y <= y1; y++)
      for (let x = x0; x <= x1; x++) {
        const rough = 0.75 + 0.5 * valueNoise((x / radius) * 3, (y / radius) * 3, seed + i);
        const fade = Math.max(0, 1 - (Math.hypot(x - cx, y - cy) / radius) * rough);
        const at = y * width + x;
        mask[at] = Math.max(mask[at]!, Math.min(1, fade * 2) * strength);
      }
  }
  return Uint8Array.from(mask, (value) => Math.min(250, value * 255));
}

function streaks(
  rgb: Uint8Array,
  width: number,
  height: number,
  rain: number,
  seed: number,
  frame: number,
): void {
  const random = createRandom(seed ^ hash32(frame + 77));
  const count = Math.round((rain * 55 * width) / 640);
  for (let i = 0; i < count; i++) {
    let x = random.between(0, width);
    const y0 = Math.floor(random.between(-20, height));
    const length = Math.round(random.between(0.02, 0.07) * height);
    const alpha = random.between(0.12, 0.34);
    for (let y = Math.max(0, y0); y < Math.min(height, y0 + length); y++) {
      x += 0.14;
      const column = Math.floor(x);
      if (column >= width) break;
      const at = (y * width + column) * 3;
      for (let k = 0; k < 3; k++) rgb[at + k] = rgb[at + k]! + (216 - rgb[at + k]!) * alpha;
    }
  }
}

/** Running sums along rows, then columns; the fraction of the radius weighs the two outer samples. */
function boxBlur(rgb: Uint8Array, scratch: Uint8Array, width: number, height: number, radius: number): void {
  blurLines(rgb, scratch, width, height, 3, width * 3, radius);
  blurLines(scratch, rgb, height, width, width * 3, 3, radius);
}

function blurLines(
  from: Uint8Array,
  to: Uint8Array,
  length: number,
  lines: number,
  step: number,
  next: number,
  radius: number,
): void {
  const whole = Math.floor(radius);
  const part = radius - whole;
  const scale = 1 / (2 * whole + 1 + 2 * part);
  for (let line = 0; line < lines; line++)
    for (let channel = 0; channel < 3; channel++) {
      const base = line * next + channel;
      const last = (length - 1) * step;
      const sample = (i: number): number => from[base + (i < 0 ? 0 : i >= length ? last : i * step)]!;
      let sum = 0;
      for (let i = -whole; i <= whole; i++) sum += sample(i);
      for (let i = 0; i < length; i++) {
        to[base + i * step] = (sum + part * (sample(i - whole - 1) + sample(i + whole + 1))) * scale;
        sum += sample(i + whole + 1) - sample(i - whole);
      }
    }
}
