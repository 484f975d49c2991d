import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderSizes, writeFileAtomic } from '../../adapters/filesystem/index.ts';
import { type AgentEvent, BudgetService } from '../../agent/index.ts';
import type { Clock, Log } from '../../base/index.ts';
import { systemCode } from '../../platform/index.ts';
import type { AgentSettings } from '../settings/agent.ts';

export interface BudgetWiring {
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => unknown;
}

/** What a day of this device costs, and the cap on what it sends. */
export function openBudget(
  { budget, dataDir }: AgentSettings,
  { clock, log, reportEvent }: BudgetWiring,
): Promise<BudgetService> {
  const path = join(dataDir, 'budget.json');
  const { bytesPerDay, currency, perKwh, perGbSent, perGbStoredMonth } = budget;
  const sizes = new FolderSizes(dataDir, ['models', 'outbox', 'hard-frames', 'clips', 'engines', 'profiles']);
  return BudgetService.open(
    { bytesPerDay, prices: { currency, perKwh, perGbSent, perGbStoredMonth } },
    {
      ...{ clock, log, reportEvent },
      stored: () => sizes.read(clock.monotonicMs()),
      storage: {
        load: async () => {
          try {
            return JSON.parse(await readFile(path, 'utf8'));
          } catch (error) {
            if (systemCode(error) === 'ENOENT') return undefined;
            throw error;
          }
        },
        save: (kept) => writeFileAtomic(path, JSON.stringify(kept), { mode: 0o600 }),
      },
    },
  );
}
