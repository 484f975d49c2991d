import { asGoshawkError } from '../../base/index.ts';
import { serve, type ThreadContract } from '../../platform/index.ts';
import type { OpenedStore } from '../../telemetry/index.ts';
import { type Operation, OutboxDatabase, type OutboxFile } from './database.ts';
import { GroupedCommits } from './grouped-commits.ts';

/* The thread that waits for the disk. Requests are answered in their order. */

export interface OutboxThread extends ThreadContract {
  readonly data: OutboxFile;
  readonly calls: {
    open(nowMs: number): OpenedStore;
    apply(operation: Operation): void;
    read(entry: number): Uint8Array | undefined;
  };
}

serve<OutboxThread>(
  (file) => {
    const database = new OutboxDatabase(file);
    const commits = new GroupedCommits((operations) => database.apply(operations));
    return {
      answers: {
        open: (nowMs) => database.open(nowMs),
        apply: (operation) => commits.add(operation),
        // Asynchronous, so that it is answered after the commits before it.
        read: async (entry) => {
          commits.commit();
          return database.read(entry);
        },
      },
      close: () => database.close(),
    };
  },
  (error) => asGoshawkError(error, 'outbox-failed', 'Report this as a defect.'),
);
