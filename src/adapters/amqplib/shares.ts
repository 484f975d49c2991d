import { rendezvousWeight } from '../../base/index.ts';

/**
 * How much a client wants a queue. Every process asks for every queue, and the broker gives it to who wants it most: the
 * queues spread over the processes, and only those of a process that comes or goes change hands.
 */
export function priorityOf(client: string, queue: string): number {
  return rendezvousWeight(client, queue) % 1_000_000;
}
