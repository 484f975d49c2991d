import { blended, type Look, lookDistance } from './look.ts';

interface Entry {
  look: Look;
  lastNs: bigint;
}

/** The oldest leave: a device at a gate would never end. */
const mostIdentities = 2000;
/** Two identities that are closer than this cannot be distinguished: then it is a new one. */
const leastMargin = 0.02;

/**
 * Who was seen by the cameras of one device, by looks.
 *
 * INVARIANTS
 * - a number is never given to another object;
 * - nobody gets a number that is taken in the same frame.
 */
export class IdentityGallery {
  /** The one that was seen longest ago first. */
  readonly #entries = new Map<number, Entry>();
  #next = 1;

  get size(): number {
    return this.#entries.size;
  }

  /** The number of the nearest look that is near enough and not `taken`; else a new one. */
  identify(
    look: Look,
    nowNs: bigint,
    { maxDistance, keepSeconds }: { readonly maxDistance: number; readonly keepSeconds: number },
    taken: ReadonlySet<number>,
  ): number {
    let [best, nearest, second] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const [identity, entry] of this.#entries) {
      if (Number(nowNs - entry.lastNs) / 1e9 > keepSeconds) this.#entries.delete(identity);
      else if (!taken.has(identity)) {
        const distance = lookDistance(entry.look, look);
        if (distance < nearest) [best, nearest, second] = [identity, distance, nearest];
        else second = Math.min(second, distance);
      }
    }
    const isKnown = nearest <= maxDistance && second - nearest >= leastMargin;
    const identity = isKnown ? best : this.#next++;
    this.see(identity, look, nowNs);
    return identity;
  }

  /** It was seen again. */
  see(identity: number, look: Look, nowNs: bigint): void {
    const entry = this.#entries.get(identity);
    this.#entries.delete(identity);
    const lastNs = entry === undefined || nowNs > entry.lastNs ? nowNs : entry.lastNs;
    this.#entries.set(identity, { look: blended(entry?.look, look), lastNs });
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= mostIdentities) break;
      this.#entries.delete(oldest);
    }
  }
}
