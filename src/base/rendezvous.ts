/**
 * How much `one` wants `other`, 0 to 2^32 - 1: always the same for the same names, and without a pattern over others
 * (rendezvous hashing, Thaler and Ravishankar 1998). Where each takes what it wants most, all spread evenly, and only those
 * whose choice comes or goes change it.
 */
export function rendezvousWeight(one: string, other: string): number {
  // FNV-1a with a final mix (murmur3): names that differ in one digit give numbers that have nothing in common.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${one}\n${other}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
