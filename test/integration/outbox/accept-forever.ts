import { SqliteOutboxStore } from '../../../src/adapters/outbox/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { Outbox } from '../../../src/telemetry/index.ts';

/* A child process that accepts events until it is killed, and prints every number only after it was accepted. */
const [folder = ''] = process.argv.slice(2);
const store = new SqliteOutboxStore({ folder, maxFileBytes: 1e8, nowMs: Date.now });
const outbox = new Outbox(
  { maxBytes: 5e7 },
  { store, clock: new SystemClock(), log: silentLog, send: () => Promise.reject(new Error('offline')) },
);
await outbox.open();
for (let lap = 0; ; lap++) {
  const four = Array.from({ length: 4 }, (_, i) =>
    outbox.accept('event', 1, (entry) => new TextEncoder().encode(`event ${entry} of lap ${lap}/${i}`)),
  );
  for (const accepted of four) process.stdout.write(`${await accepted}\n`);
}
