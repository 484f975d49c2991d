/** A number of a name that is the same everywhere and spreads well (FNV-1a, 32 bits). */
export function rankOf(seed: string): (device: string) => number {
  return (device) => {
    let hash = 0x811c9dc5;
    for (const char of `${seed}/${device}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
    return (hash ^ (hash >>> 15)) >>> 0;
  };
}
