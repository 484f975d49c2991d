import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, writeBundle } from '../../../src/adapters/filesystem/index.ts';
import { answers, freePort, mosquittoMissing } from '../../contract/brokers.ts';
import { softToken, tokenMissing, tokenNode } from '../../fixtures/soft-token.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../../fixtures/tiny-onnx.ts';
import { ended, jsonLines, start, startOn } from '../goshawk.ts';
import { eventually, Program } from './program.ts';

// A fleet from nothing, as docs/enrolment.md says it: an authority, a broker that knows devices by it, a controller, a
// claim, and an agent that has nothing but the claim.

const minutes = 60_000;

const missing = { files: mosquittoMissing, 'a token': mosquittoMissing ?? tokenMissing };

describe.each(['files', 'a token'] as const)(
  'A fleet that makes its own certificates, its keys in',
  (place) => {
    const absent = missing[place];
    describe.skipIf(absent !== undefined)(`${place}${absent === undefined ? '' : ` (${absent})`}`, () => {
      let base: string;
      let broker: Program;
      let controller: Program;
      let agent: Program;
      let brokerPort: number;
      let devicesPort: number;
      let target: string[];
      let watcher: NodeJS.Timeout | undefined;
      /** Where the keys are in a token. */
      let held: ReturnType<typeof softToken> | undefined;
      const file = (...names: string[]) => join(base, ...names);
      const begin = (...args: string[]) =>
        held === undefined ? start(...args) : startOn(tokenNode ?? '', held.environment, ...args);
      const program = (...args: string[]) =>
        new Program(`goshawk ${args.join(' ')}`, begin(...args, '--json'));

      beforeAll(async () => {
        base = mkdtempSync(join(tmpdir(), 'goshawk-enrolled-'));
        [brokerPort, devicesPort] = [await freePort(), await freePort()];
        if (place === 'a token') {
          mkdirSync(file('token'));
          held = softToken(file('token'));
        }
        await setUp();
      }, 3 * minutes);
      afterAll(async () => {
        clearInterval(watcher);
        for (const program of [agent, controller, broker]) await program?.end();
        rmSync(base, { recursive: true, force: true });
      });

      async function run(...args: string[]): Promise<Record<string, unknown>> {
        const ran = await ended(begin(...args, '--json'));
        if (ran.code !== 0) throw new Error(`goshawk ${args.join(' ')}: ${ran.stderr}`);
        return jsonLines(ran.stdout)[0] ?? {};
      }

      async function setUp(): Promise<void> {
        const ca = file('controller', 'ca');
        const kept = held?.token;
        await run(
          ...['controller', 'ca', 'init', '--dir', ca, '--root-out', file('safe')],
          ...(kept === undefined ? [] : ['--pkcs11-module', kept.module, '--pkcs11-token', kept.label]),
          ...(kept === undefined ? [] : ['--pkcs11-pin-file', kept.pinFile]),
        );
        const issue = ['controller', 'ca', 'issue', '--dir', ca, '--out', file('broker')];
        await run(...issue, '--as', 'server', '--name', '127.0.0.1');
        await run(...issue, '--as', 'client', '--name', 'controller');
        copyFileSync(join(ca, 'root.crt'), file('broker', 'ca.crt'));
        const settings = {
          dataDir: file('controller'),
          broker: {
            url: `mqtts://127.0.0.1:${brokerPort}`,
            caFile: file('broker', 'ca.crt'),
            certFile: file('broker', 'controller.crt'),
            keyFile: file('broker', 'controller.key'),
          },
          http: { port: 0 },
          devices: { names: ['127.0.0.1'], host: '127.0.0.1', port: devicesPort },
        };
        writeFileSync(file('controller.json'), JSON.stringify(settings));
        await run(
          ...['broker', 'config', '--for', 'mosquitto', '--config', file('controller.json')],
          ...['--folder', file('broker'), '--out', file('broker')],
        );
        await startMosquitto();
        controller = program('controller', '--config', file('controller.json'));
        const started = await controller.line('started');
        const token = readFileSync(file('controller', 'admin.token'), 'utf8').trim();
        target = ['--url', String(started.url), '--token', token];
      }

      /** With the settings that Goshawk prints; only what belongs to this machine is changed. */
      async function startMosquitto(): Promise<void> {
        const conf = file('broker', 'goshawk.conf');
        const ours = readFileSync(conf, 'utf8')
          .replace(`listener ${brokerPort}`, `listener ${brokerPort} 127.0.0.1`)
          .replace(/^persistence.*$/gm, '');
        writeFileSync(conf, process.getuid?.() === 0 ? `user root\n${ours}` : ours);
        const source = file('controller', 'ca', 'devices.crl');
        copyFileSync(source, file('broker', 'devices.crl'));
        broker = Program.other('mosquitto', ['-c', conf]);
        await eventually('Mosquitto listens', async () => !broker.alive || (await answers(brokerPort)));
        if (!broker.alive) throw new Error(`Mosquitto ended: ${broker.stderr}`);
        // What goshawk-revocations.path and .service do under systemd.
        let seen = statSync(source).mtimeMs;
        watcher = setInterval(() => {
          const { mtimeMs } = statSync(source);
          if (mtimeMs === seen) return;
          seen = mtimeMs;
          copyFileSync(source, file('broker', 'devices.crl'));
          broker.signal('SIGHUP');
        }, 200);
      }

      async function bundle(version: string): Promise<string> {
        const bytes = tinyOnnx();
        const variant = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
        const manifest = tinyManifest({ version, variants: [{ kind: 'fp32', file: variant }] });
        return (await writeBundle(file(`bundle-${version}`), manifest, new Map([['fp32.onnx', bytes]])))
          .location;
      }

      const deviceOf = async (name: string) => {
        const answer = await run('fleet', 'devices', ...target);
        return (answer.devices as { id: string; online: boolean; groups: string[] }[]).find(
          ({ id }) => id === name,
        );
      };

      it(
        'lets an agent in that has nothing but a claim, and takes its reports by mutual TLS',
        async () => {
          mkdirSync(file('agent'));
          writeFileSync(
            file('agent.json'),
            JSON.stringify({
              device: 'truck-7',
              dataDir: file('agent'),
              enrolment: {
                ...{ claimFile: file('claim.token'), serial: 'SN 1' },
                ...(held === undefined ? {} : { pkcs11: held.token }),
              },
              engine: 'onnxruntime-node',
              probationSeconds: 0,
              metricsEverySeconds: 1,
              model: await bundle('1.0.0'),
              cameras: { front: { source: 'sim', fps: 2 } },
            }),
          );
          // The agent is there first: it perceives, and waits for the claim.
          agent = program('agent', '--config', file('agent.json'));
          await agent.line('started', 2 * minutes);
          await eventually('it says what it waits for', () =>
            agent.log.some(
              ({ msg, reason }) => msg === 'Not enrolled yet' && /no claim/i.test(String(reason)),
            ),
          );
          await run(
            ...['fleet', 'claims', 'create', '--name', 'trucks', '--groups', 'trucks', '--serials', 'SN 1'],
            ...['--out', file('claim.token'), ...target],
          );
          expect(statSync(file('claim.token')).mode & 0o777).toBe(0o600);
          await eventually(
            'the device is online',
            async () => (await deviceOf('truck-7'))?.online,
            3 * minutes,
          );
          expect((await deviceOf('truck-7'))?.groups).toEqual(['trucks']);
          expect(statSync(file('agent', 'identity')).mode & 0o777).toBe(0o700);
          expect(statSync(file('agent', 'identity', 'device.key')).mode & 0o777).toBe(0o600);
          const keys = [
            file('agent', 'identity', 'device.key'),
            file('controller', 'ca', 'intermediate.key'),
          ];
          for (const key of keys)
            expect(readFileSync(key, 'utf8').includes('PRIVATE KEY')).toBe(held === undefined);
        },
        5 * minutes,
      );

      it(
        'lets it fetch a model by its certificate alone',
        async () => {
          await run('fleet', 'push', await bundle('2.0.0'), ...target);
          const answer = await run(
            ...['fleet', 'set-model', 'tiny', '--device', 'truck-7', '--wait', ...target],
          );
          expect(JSON.stringify(answer)).not.toContain('failed');
          await eventually('the new model serves', async () => {
            const detail = await run('fleet', 'device', 'truck-7', ...target);
            return JSON.stringify(detail).includes('"version":"2.0.0"');
          });
        },
        3 * minutes,
      );

      it(
        'puts a revoked device out of the broker and keeps it out',
        async () => {
          await run('fleet', 'revoke', 'truck-7', '--reason', 'stolen', ...target);
          await eventually(
            'it is offline',
            async () => (await deviceOf('truck-7'))?.online === false,
            minutes,
          );
          await eventually(
            'the broker refuses it',
            () =>
              agent.log.some(
                ({ level, msg }) => level === 'error' && /refused the certificate/i.test(String(msg)),
              ),
            minutes,
          );
          expect((await deviceOf('truck-7'))?.online).toBe(false);
          expect(agent.alive).toBe(true);
        },
        3 * minutes,
      );
    });
  },
);
