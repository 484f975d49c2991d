import { describe } from 'vitest';

/** The promises of a port over one implementation. One that can't run here is skipped, and its title says why. */
export function suite(title: string, missing: string | undefined, promises: () => void): void {
  const skipped = missing !== undefined;
  describe.skipIf(skipped)(skipped ? `${title} (skipped: ${missing})` : title, promises);
}
