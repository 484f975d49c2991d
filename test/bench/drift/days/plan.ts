import { seededRandom } from '../../../../src/drift/random.ts';
import { clearConditions, type StreetConditions } from '../../../../src/simulation/index.ts';

/**
 * Days of one street: the first is the reference, the others are watched. The model sees every frame, so there is one a
 * second: what a fault-free camera does over hours is what counts here, not over milliseconds.
 */
export const framesPerSecond = 1;
export const referenceHours = 24;
export const watchedHours = 72;
export const totalHours = referenceHours + watchedHours;
export const hourS = 3600;

interface Shower {
  readonly startS: number;
  readonly seconds: number;
  readonly peak: number;
}

/** In every quarter of every day two showers, the heaviest as heavy as one of the reference day. */
function showersOf(seed: number): Shower[] {
  const random = seededRandom(seed * 7919 + 1);
  const showers: Shower[] = [];
  for (let quarter = 0; quarter < (totalHours / 24) * 4; quarter++) {
    for (let i = 0; i < 2; i++) {
      const seconds = 1500 + 1800 * random.next();
      const startS = quarter * 6 * hourS + i * 3 * hourS + random.next() * (3 * hourS - seconds);
      const heaviest = quarter < 4 && i === 0;
      showers.push({ startS, seconds, peak: heaviest ? 1.5 : 0.4 + 1.1 * random.next() });
    }
  }
  return showers;
}

/** Fog of every early morning: how dense, 0..1. The first day has the densest. */
function mistsOf(seed: number): number[] {
  const random = seededRandom(seed * 104_729 + 2);
  return Array.from({ length: totalHours / 24 }, (_, day) => (day === 0 ? 1 : 0.3 + 0.7 * random.next()));
}

/** 0 at both ends, 1 in the middle. */
function hump(share: number): number {
  return share <= 0 || share >= 1 ? 0 : Math.sin(Math.PI * share) ** 2;
}

function between(hour: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (hour - from) / (to - from)));
}

/** Every change of light paints the whole stage again. */
function eighths(value: number): number {
  return Math.round(value * 8) / 8;
}

const nightLevel = 2.5;

/** Cars and people over a day: nearly none at four, two rush hours; and over minutes, as lights and buses have it. */
function trafficAt(timeS: number, hour: number): number {
  const rush = 1.6 * Math.exp(-(((hour - 8) / 1.1) ** 2)) + 1.5 * Math.exp(-(((hour - 17.5) / 1.4) ** 2));
  const usual = 0.12 + 0.8 * between(hour, 5, 9) * (1 - between(hour, 19, 24)) + rush;
  const wave =
    0.5 * Math.sin(timeS / 71) + 0.4 * Math.sin(timeS / 193 + 1) + 0.3 * Math.sin(timeS / 1130 + 2);
  return Math.min(3, usual * Math.exp(wave * 0.6));
}

/** What it is like in the street at a second since the first midnight. */
export function conditionsOf(seed: number): (timeS: number) => StreetConditions {
  const showers = showersOf(seed);
  const mists = mistsOf(seed);
  return (timeS) => {
    const hour = (timeS / hourS) % 24;
    const night = nightLevel * (1 - between(hour, 5, 7) + between(hour, 19, 21));
    const rain = Math.max(
      ...showers.map(({ startS, seconds, peak }) => peak * hump((timeS - startS) / seconds)),
    );
    const fog = (mists[Math.floor(timeS / (24 * hourS))] ?? 0) * hump((hour - 4.5) / 4.5);
    return {
      ...clearConditions,
      night: eighths(night),
      rain: eighths(rain),
      fog: eighths(fog),
      traffic: trafficAt(timeS, hour),
    };
  };
}

export function hourName(hour: number): string {
  return `hour-${String(hour).padStart(3, '0')}`;
}
