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
