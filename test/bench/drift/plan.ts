import { clearConditions, type StreetConditions } from '../../../src/simulation/index.ts';

/** Frames that are rendered per second of the street. The monitor judges seconds, so fewer frames only make it noisier. */
export const framesPerSecond = 5;

export interface Segment {
  readonly name: string;
  /** Second of the street at which it begins; segments never overlap. */
  readonly startS: number;
  readonly seconds: number;
  /** Conditions `local` seconds after its begin. */
  conditions(local: number): StreetConditions;
  /** Unknown objects in the picture. */
  strangers?(local: number): number;
}

export const severities = [1, 2, 3, 4, 5] as const;
/** Rendered corruptions. */
export const corruptions = [
  'frozen',
  'black',
  'blur',
  'dirt',
  'noise',
  'moved',
  'overexposed',
  'night',
  'fog',
  'objects',
] as const;
export type Corruption = (typeof corruptions)[number];

export const steadySeconds = 50;
export const rampSeconds = 60;
export const rampTotalSeconds = 75;

/** Traffic between an empty street and the rush, over minutes. */
function traffic(timeS: number): number {
  const wave = 0.9 * Math.sin(timeS / 71) + 0.7 * Math.sin(timeS / 193 + 1) + 0.4 * Math.sin(timeS / 37 + 2);
  return Math.min(3, Math.exp(wave * 0.75));
}

/** The street without a fault, by day. */
export function faultless(timeS: number): StreetConditions {
  return clean(timeS);
}

function clean(timeS: number, night = 0): StreetConditions {
  return { ...clearConditions, traffic: traffic(timeS), night };
}

function corrupted(what: Corruption, severity: number, timeS: number): StreetConditions {
  const base = clean(timeS);
  if (what === 'objects') return base;
  return { ...base, [what]: severity };
}

function plan(): Segment[] {
  const list: Segment[] = [];
  let startS = 0;
  const add = (
    name: string,
    seconds: number,
    conditions: (local: number, timeS: number) => StreetConditions,
    strangers?: (local: number) => number,
  ): void => {
    const begin = startS;
    list.push({
      name,
      startS: begin,
      seconds,
      conditions: (local) => conditions(local, begin + local),
      ...(strangers ? { strangers } : {}),
    });
    startS += seconds;
  };
  // Day, the beginning of dusk among it, and evening: two times of day of one profile.
  const ordinary = (part: string): void => {
    add(`${part}-day`, 1300, (_, timeS) => clean(timeS));
    add(`${part}-dusk`, 240, (local, timeS) => clean(timeS, Math.round((local / 240) * 4) / 8));
    add(`${part}-evening`, 700, (local, timeS) =>
      clean(timeS, Math.min(1, 0.5 + Math.round((local / 240) * 4) / 8)),
    );
  };
  for (const part of ['reference', 'held-out']) ordinary(part);
  const steady = (severity: number): void => {
    for (const what of corruptions) {
      if (what === 'frozen' && severity > 1) continue;
      add(
        `${what}-${severity}-abrupt`,
        steadySeconds,
        (_, timeS) => corrupted(what, severity, timeS),
        what === 'objects' ? () => severity : undefined,
      );
    }
  };
  const ramp = (severity: number): void => {
    for (const what of corruptions) {
      // A camera does not freeze by and by.
      if (what === 'frozen') continue;
      // In quarter steps: every change of light paints the whole stage again.
      const level = (local: number): number =>
        Math.round(4 * severity * Math.min(1, local / rampSeconds)) / 4;
      add(
        `${what}-${severity}-ramp`,
        rampTotalSeconds,
        (local, timeS) => corrupted(what, level(local), timeS),
        what === 'objects' ? (local) => Math.floor(level(local) + 0.5) : undefined,
      );
    }
  };
  for (const severity of severities) steady(severity);
  for (const severity of [3, 5, 4, 2, 1]) ramp(severity);
  for (const part of ['reference-2', 'held-out-2']) ordinary(part);
  add('empty-street', 120, (_, timeS) => ({ ...clean(timeS), traffic: 0.22 }));
  add('rush-hour', 120, (_, timeS) => ({ ...clean(timeS), traffic: 3 }));
  return list;
}

/** Ordinary days: what profiles are learned from and false alarms are counted on. */
export function isOrdinary({ name }: Segment): boolean {
  return /^(reference|held-out)/.test(name);
}

/**
 * Faults that begin at once are recorded without them too, the same moments: what a fault costs the model is then not
 * mixed up with the traffic of the day. Not a frozen camera, which a clear picture would thaw.
 */
export function hasClear({ name }: Segment): boolean {
  return name.endsWith('-abrupt') && !name.startsWith('frozen');
}

export function clearOf({ name }: Pick<Segment, 'name'>): string {
  return `${name}-clear`;
}

export const segments: readonly Segment[] = plan();
