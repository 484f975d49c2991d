/**
 * How much a client wants a queue. Every process asks for every queue, and the broker gives it to who wants it most: by
 * numbers that look like chance (rendezvous hashing, Thaler and Ravishankar 1998) the queues spread over the processes, and
 * only those of a process that comes or goes change hands.
 */
export function priorityOf(client: string, queue: string): number {
  // FNV-1a with a final mix (murmur3): names that differ in one digit give numbers that have nothing in common.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${client}\n${queue}`))
    hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % 1_000_000;
}
