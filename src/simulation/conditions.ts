/** Weather and faults of the camera; every severity runs from 0 (none) to 5 (worst) and may be a fraction. */
export interface StreetConditions {
  readonly night: number;
  readonly fog: number;
  readonly rain: number;
  /** Lens out of focus. */
  readonly blur: number;
  /** Mud and drops on the lens. */
  readonly dirt: number;
  /** Noise of the sensor. */
  readonly noise: number;
  /** Exposure stuck too high. */
  readonly overexposed: number;
  /** Picture loses its light; 5 is an all-black picture. */
  readonly black: number;
  /** Above 0 the last picture is repeated; truth goes on, since the street does. */
  readonly frozen: number;
  /** Camera knocked out of its place. */
  readonly moved: number;
  /** Vehicles and pedestrians that enter the street: 0 empty, 1 ordinary, 3 rush hour. */
  readonly traffic: number;
}

export const clearConditions: StreetConditions = {
  night: 0,
  fog: 0,
  rain: 0,
  blur: 0,
  dirt: 0,
  noise: 0,
  overexposed: 0,
  black: 0,
  frozen: 0,
  moved: 0,
  traffic: 1,
};

/** Names of the conditions that have a severity. */
export const conditionNames = [
  'night',
  'fog',
  'rain',
  'blur',
  'dirt',
  'noise',
  'overexposed',
  'black',
  'frozen',
  'moved',
] as const;

/** The former conditions with these changes; what is no number stays as it was, what is out of range is clamped. */
export function withConditions(
  before: StreetConditions,
  change: Partial<StreetConditions>,
): StreetConditions {
  const next: { -readonly [K in keyof StreetConditions]: StreetConditions[K] } = { ...before };
  for (const name of [...conditionNames, 'traffic'] as const) {
    const value = change[name];
    if (typeof value === 'number' && Number.isFinite(value)) next[name] = Math.min(5, Math.max(0, value));
  }
  return next;
}
