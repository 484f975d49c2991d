import type { ReferenceProfile } from './schema.ts';

const trustedHours = 12;
const repeats = 0.2;

/** Shortcomings of a reference profile, with remedies, in sentences; empty for a good one. */
export function shortcomings({ buckets, repeatedShare = 0, classMix }: ReferenceProfile): string[] {
  const hours = buckets.reduce((sum, { ticks }) => sum + ticks, 0) / 3600;
  const fresh = hours * (1 - repeatedShare);
  const said: string[] = [];
  if (repeatedShare > repeats) {
    said.push(
      `${(100 * repeatedShare).toFixed(0)} % of the pictures are repetitions: the profile holds about ${time(fresh)} of life. Learn from a longer recording, or from the camera itself.`,
    );
  }
  if (fresh < trustedHours) {
    said.push(
      `About ${time(fresh)} were learned. Events that come once in half a day are not known: expect false alarms, or learn ${trustedHours} h or more.`,
    );
  }
  if (buckets.length === 1 && hours < 22) {
    said.push(
      'Other times of day, and weather that did not come, were not seen: include them, or learn a whole day.',
    );
  }
  if (classMix === undefined) {
    said.push(
      'Too few objects were seen to know how classes are mixed: a label shift is found late, or not at all.',
    );
  }
  return said;
}

function time(hours: number): string {
  return hours < 1 ? `${Math.round(60 * hours)} min` : `${hours.toFixed(1)} h`;
}
