import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Broker, startBroker } from '../../../src/adapters/aedes/index.ts';
import { MqttjsTransport, type TlsOptions } from '../../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { topics } from '../../../src/protocol/index.ts';
import { answers, freePort, mosquittoMissing } from '../../contract/brokers.ts';
import { inOrder } from '../../contract/several-servers.ts';

const openssl = spawnSync('openssl', ['version']).error === undefined;

describe.skipIf(!openssl)(
  `Client certificates${openssl ? '' : ' (skipped: openssl is not installed)'}`,
  () => {
    let folder: string;
    let broker: Broker;
    const open: MqttjsTransport[] = [];
    const file = (name: string) => join(folder, name);
    const pem = (name: string) => readFileSync(file(name), 'utf8');

    function run(...args: string[]): void {
      const { status, stderr } = spawnSync('openssl', args);
      if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
    }

    function authority(name: string): void {
      const subject = ['-subj', `/CN=${name}`, '-days', '2', '-nodes'];
      run(
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        ...subject,
        '-keyout',
        file(`${name}.key`),
        '-out',
        file(`${name}.pem`),
      );
    }

    function certificate(name: string, by: string, extension: string): void {
      writeFileSync(file('extension'), extension);
      run(
        'req',
        '-new',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        `/CN=${name}`,
        '-keyout',
        file(`${name}.key`),
        '-out',
        file('request'),
      );
      run(
        'x509',
        '-req',
        '-in',
        file('request'),
        '-CA',
        file(`${by}.pem`),
        '-CAkey',
        file(`${by}.key`),
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        file('extension'),
        '-out',
        file(`${name}.pem`),
      );
    }

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'goshawk-tls-'));
      authority('fleet');
      authority('stranger');
      certificate('broker', 'fleet', 'subjectAltName=IP:127.0.0.1\n');
      certificate('node', 'fleet', 'subjectAltName=DNS:localhost\n');
      certificate('d1', 'fleet', 'extendedKeyUsage=clientAuth\n');
      certificate('d9', 'stranger', 'extendedKeyUsage=clientAuth\n');
      broker = await startBroker({
        port: 0,
        tls: { cert: pem('broker.pem'), key: pem('broker.key'), ca: pem('fleet.pem') },
      });
    });
    afterEach(async () => {
      for (const transport of open.splice(0)) await transport.close();
    });
    afterAll(async () => {
      await broker.close();
      rmSync(folder, { recursive: true, force: true });
    });

    async function connect(clientId: string, tls: TlsOptions, url = broker.url, servers: string[] = []) {
      const backoff = { firstMs: 50, maxMs: 100 };
      const transport = new MqttjsTransport(
        { url, servers, clientId, tls, backoff, refusedBackoff: backoff },
        { clock: new SystemClock(), log: silentLog, random: Math.random },
      );
      open.push(transport);
      transport.start();
      for (let i = 0; i < 6_000 && !['online', 'refused'].includes(transport.status().state); i++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      return transport;
    }

    const own = (name: string, ca = 'fleet'): TlsOptions => ({
      ca: pem(`${ca}.pem`),
      cert: pem(`${name}.pem`),
      key: pem(`${name}.key`),
    });

    it('let a device in under its own name, and keep it below its root', async () => {
      const transport = await connect('d1', own('d1'));
      expect(transport.status().state).toBe('online');
      const message = { payload: new Uint8Array([1]), qos: 1, retain: false } as const;
      await transport.publish({ topic: topics.events('d1'), ...message });
      await expect(transport.publish({ topic: topics.events('d2'), ...message })).rejects.toMatchObject({
        code: 'publish-refused',
      });
    });

    it('do not let a device in under another name', async () => {
      expect((await connect('d2', own('d1'))).status()).toMatchObject({ state: 'refused' });
    });

    it('of a stranger are refused, and so is none at all', async () => {
      for (const tls of [own('d9'), { ca: pem('fleet.pem') }]) {
        const status = (await connect('d9', tls)).status();
        expect(status).toMatchObject({
          state: 'refused',
          reason: expect.stringContaining('not authorize'),
        });
      }
    });

    it.skipIf(mosquittoMissing !== undefined)(
      'of a stranger are refused by Mosquitto in a way we understand',
      async () => {
        const port = await freePort();
        const lines = [
          `listener ${port} 127.0.0.1`,
          `cafile ${file('fleet.pem')}`,
          `certfile ${file('broker.pem')}`,
          `keyfile ${file('broker.key')}`,
          'require_certificate true',
          'use_identity_as_username true',
          'allow_anonymous false',
          ...(process.getuid?.() === 0 ? ['user root'] : []),
        ];
        writeFileSync(file('mosquitto.conf'), `${lines.join('\n')}\n`);
        const mosquitto = spawn('mosquitto', ['-c', file('mosquitto.conf')], { stdio: 'ignore' });
        try {
          while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 50));
          const url = `mqtts://127.0.0.1:${port}`;
          expect((await connect('d1', own('d1'), url)).status()).toEqual({ state: 'online' });
          for (const tls of [own('d9'), { ca: pem('fleet.pem') }])
            expect((await connect('d9', tls, url)).status()).toMatchObject({
              state: 'refused',
              reason: expect.stringContaining('certificate of this client'),
            });
        } finally {
          mosquitto.kill();
        }
      },
    );

    it.each(['127.0.0.1', 'localhost'])(
      'of a broker are checked for the name of the address that is connected to, of several: %s',
      async (host) => {
        const node = await startBroker({
          port: 0,
          tls: { cert: pem('node.pem'), key: pem('node.key'), ca: pem('fleet.pem') },
        });
        const { port } = host === 'localhost' ? node : broker;
        const other = host === 'localhost' ? '127.0.0.1' : 'localhost';
        try {
          const [url = '', ...servers] = inOrder('d1', [
            `mqtts://${other}:${port}`,
            `mqtts://${host}:${port}`,
          ]);
          const transport = await connect('d1', own('d1'), url, servers);
          expect(transport.status()).toMatchObject({
            state: 'refused',
            reason: expect.stringMatching(`^${url}: .*ERR_TLS_CERT_ALTNAME_INVALID`),
          });
          await vi.waitFor(() => expect(transport.status().state).toBe('online'), { timeout: 60_000 });
        } finally {
          await node.close();
        }
      },
    );

    it('of a broker that the device does not trust are named', async () => {
      const status = (await connect('d1', own('d1', 'stranger'))).status();
      expect(status).toMatchObject({
        state: 'refused',
        reason: expect.stringContaining("broker's certificate"),
      });
    });
  },
);
