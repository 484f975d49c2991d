import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokerConfig } from '../../../../src/runtime/broker/config.ts';
import { brokerKinds } from '../../../../src/runtime/broker/kinds.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

function settings(devices?: object): string {
  const file = join(temporaryFolder(), 'controller.json');
  const broker = { url: 'mqtts://127.0.0.1:8884' };
  writeFileSync(
    file,
    JSON.stringify({ dataDir: '/data', broker, ...(devices === undefined ? {} : { devices }) }),
  );
  return file;
}

const textOf = async (kind: (typeof brokerKinds)[number], configFile: string) =>
  (await brokerConfig({ kind, configFile })).map(({ name, text }) => `${name}\n${text}`).join('\n');

describe('Settings of a broker', () => {
  it.each(brokerKinds)('for %s ask for a certificate, on the port that devices are told', async (kind) => {
    const text = await textOf(
      kind,
      settings({ names: ['fleet.test'], brokerUrl: 'mqtts://broker.test:9999' }),
    );
    expect(text).toContain('9999');
    expect(text).toMatch(/require_certificate true|verify = verify_peer/);
    expect(text).toContain(`/etc/${kind}/goshawk`);
  });

  it('for EMQX say that they were not tried', async () => {
    const files = await brokerConfig({ kind: 'emqx', configFile: settings() });
    for (const { text } of files) expect(text).toContain('NOT TRIED');
  });

  it('for Mosquitto name the list of revoked certificates where there is one', async () => {
    expect(await textOf('mosquitto', settings({ names: ['a'] }))).toContain(
      'PathChanged=/data/ca/devices.crl',
    );
    expect(await textOf('mosquitto', settings({ names: ['a'], authorityDir: '/x' }))).toContain(
      '/x/devices.crl',
    );
    expect(await textOf('mosquitto', settings())).not.toContain('crl');
  });

  it('for RabbitMQ have queues where processes share telemetry, and AMQP on the network only then', async () => {
    const brokerClients = [{ name: 'ingest-1', ingest: true }];
    const shared = await textOf('rabbitmq', settings({ names: ['a'], brokerClients }));
    expect(shared).toContain('listeners.ssl.default = 5671');
    expect(shared).toContain('auth_mechanisms.1 = EXTERNAL');
    expect(shared).toContain('"name":"goshawk.telemetry.15"');
    expect(shared).toContain('"routing_key":"goshawk.1.*.metrics"');
    const alone = await textOf('rabbitmq', settings({ names: ['a'] }));
    expect(alone).not.toMatch(/listeners\.ssl\.default = 5671|telemetry|consistent_hash/);
  });

  it('for Mosquitto go into conf.d of Debian: what its mosquitto.conf has may not come twice', async () => {
    const text = await textOf('mosquitto', settings({ names: ['a'] }));
    const names = text.split('\n').map((line) => line.split(' ')[0]);
    for (const once of ['persistence', 'persistence_location', 'log_dest', 'include_dir'])
      expect(names).not.toContain(once);
  });
});
