import { nodeSecrets } from '../../adapters/crypto/index.ts';
import { ApiServer } from '../../adapters/fastify/index.ts';
import { type Clock, defined, type GoshawkError, type Log } from '../../base/index.ts';
import { FleetReader, LocalUpdates } from '../../controller/index.ts';
import { pem } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import { databaseAddress, isOutdated, neededDatabase, whenMade } from './database.ts';
import type { ProcessProbes } from './probes.ts';
import { serverTls } from './start.ts';

/** So often it looks whether the database is still one of its version. */
const lookMs = 5_000;

export interface ApiRolePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly probes: ProcessProbes;
  /** Ends the waiting for a leader. */
  readonly signal: AbortSignal;
  /** The database belongs to a newer version: this process must end. */
  readonly onOutdated: (error: GoshawkError) => void;
}

/** The role api: answers from the database, and forwards what only the leader can answer. */
export async function startApi(
  settings: ControllerSettings,
  { clock, log, probes, signal, onOutdated }: ApiRolePorts,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { http, quotas } = settings;
  const tls = await serverTls(settings);
  const leaderCa = http.leaderCaFile === undefined ? undefined : await pem(http.leaderCaFile);
  const address = await databaseAddress(neededDatabase(settings));
  const { PostgresReadingStore, UpdatesListener } = await import('../../adapters/postgres/index.ts');
  const { work } = probes.metrics;
  const store = work.measured(
    await whenMade(() => PostgresReadingStore.open({ address, signal }), { log, signal }),
  );
  const reader = new FleetReader({ store, secrets: nodeSecrets, clock });
  const updates = new LocalUpdates();
  const listener = new UpdatesListener({
    ...{ address, log },
    onUpdates: (all) => updates.publish(all),
    onGap: () => updates.interrupt(),
  });
  const { host, port } = http;
  const server = new ApiServer(
    { reader, updates, metrics: work, clock, log },
    { host, port, requestsPerToken: quotas.requestsPerToken, ...defined({ tls, leaderCa }) },
  );
  const url = await server.listen().catch(async (error: unknown) => {
    await reader.close();
    throw error;
  });
  listener.start();
  const stopLooking = clock.every(lookMs, () => {
    store.leaderUrl().catch((error: unknown) => {
      if (isOutdated(error)) onOutdated(error);
    });
  });
  probes.show('api', () => ({ part: 'api', well: true }));
  log.info('The API listens', { url });
  return {
    url,
    async close() {
      stopLooking();
      await server.close();
      await listener.close();
      await reader.close();
    },
  };
}
