/** So many devices of a fleet begin to fetch in a second. */
const arrivalsPerSecond = 20;
const longestSpreadMs = 3_600_000;

/** Within how long the devices of a fleet begin, where their settings do not say: 500 s for 10,000. */
export function usualSpreadMs(fleet = 0): number {
  return Math.min(longestSpreadMs, (fleet / arrivalsPerSecond) * 1000);
}

const patienceOfOneMs = 18_000;
const leastPatienceMs = 600_000;
const mostPatienceMs = 3_600_000;

/**
 * Within how long a device asks its peers again before it goes out by itself, where its settings do not say. The first of a
 * site goes after about 18 s, if all devices are at one site, and has it before the second goes.
 */
export function usualPatienceMs(fleet = 0): number {
  return Math.min(mostPatienceMs, Math.max(leastPatienceMs, fleet * patienceOfOneMs));
}

/**
 * How long a device waits before it fetches a model for the first time, so that a fleet does not come at once: spread evenly
 * over `spreadMs` by device and model, the same at every try, and another for the next model.
 */
export function startDelayMs(device: string, digest: string, spreadMs: number): number {
  return Math.floor((hash32(`${device} ${digest}`) / 2 ** 32) * spreadMs);
}

/** FNV-1a, then mixed (the end of MurmurHash3): names that differ in their last digit lie far apart. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash >>> 0;
}
