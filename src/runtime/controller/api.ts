import { nodeSecrets } from '../../adapters/crypto/index.ts';
import { ApiServer } from '../../adapters/fastify/index.ts';
import { type Clock, defined, type Log } from '../../base/index.ts';
import { FleetReader, LocalUpdates } from '../../controller/index.ts';
import { pem } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import { databaseAddress, neededDatabase, whenMade } from './database.ts';
import { serverTls } from './start.ts';

/** The role api: answers from the database, and forwards what only the leader can answer. */
export async function startApi(
  settings: ControllerSettings,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { http, quotas } = settings;
  const tls = await serverTls(settings);
  const leaderCa = http.leaderCaFile === undefined ? undefined : await pem(http.leaderCaFile);
  const address = await databaseAddress(neededDatabase(settings));
  const { PostgresReadingStore, UpdatesListener } = await import('../../adapters/postgres/index.ts');
  const store = await whenMade(() => PostgresReadingStore.open({ address, signal }), { log, signal });
  const reader = new FleetReader({ store, secrets: nodeSecrets, clock });
  const updates = new LocalUpdates();
  const listener = new UpdatesListener({
    ...{ address, log },
    onUpdates: (all) => updates.publish(all),
    onGap: () => updates.interrupt(),
  });
  const { host, port, healthPort } = http;
  const server = new ApiServer(
    { reader, updates, clock, log },
    { host, port, requestsPerToken: quotas.requestsPerToken, ...defined({ healthPort, tls, leaderCa }) },
  );
  const url = await server.listen().catch(async (error: unknown) => {
    await reader.close();
    throw error;
  });
  listener.start();
  log.info('The API listens', { url });
  return {
    url,
    async close() {
      await server.close();
      await listener.close();
      await reader.close();
    },
  };
}
