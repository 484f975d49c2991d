/** Hour of the day at the camera's place, 0 to below 24. */
export function hourOfDay(stampNs: bigint, utcOffsetHours: number): number {
  const hours = Number(stampNs / 1_000_000n) / 3_600_000 + utcOffsetHours;
  return ((hours % 24) + 24) % 24;
}

export interface Hours {
  readonly fromHour: number;
  readonly toHour: number;
}

/** Index of the span of hours that holds `hour`; where none does, of the one that is nearest around the clock. */
export function bucketFor(buckets: readonly Hours[], hour: number): number {
  let best = 0;
  let nearest = Number.POSITIVE_INFINITY;
  for (const [index, { fromHour, toHour }] of buckets.entries()) {
    if (hour >= fromHour && hour < toHour) return index;
    for (const edge of [fromHour, toHour]) {
      const away = Math.abs(hour - edge);
      const distance = Math.min(away, 24 - away);
      if (distance < nearest) {
        nearest = distance;
        best = index;
      }
    }
  }
  return best;
}
