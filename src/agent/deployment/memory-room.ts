import { LimitError } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';

/** Free memory in words that a person can act on. */
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/**
 * Before an engine is opened: the model that serves goes on beside it until the swap, so what the bundle says that it takes
 * must be free. LimitError `memory-short`; nothing has stopped by then. A bundle without a budget is tried.
 */
export function expectRoom({ manifest }: Bundle, slot: string, freeBytes: number | undefined): void {
  const needed = manifest.budgets?.memoryBytes;
  if (needed === undefined || freeBytes === undefined || needed <= freeBytes) return;
  throw new LimitError(
    'memory-short',
    `${manifest.name} ${manifest.version} takes ${megabytes(needed)} for the slot ${slot}, and ${megabytes(freeBytes)} are free on this device.`,
    'Remove an unused slot (goshawk model undeploy), or choose a smaller model. Running models continue.',
  );
}
