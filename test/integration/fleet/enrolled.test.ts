import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, writeBundle } from '../../../src/adapters/filesystem/index.ts';
import { mosquittoMissing } from '../../contract/brokers.ts';
import { softToken, tokenMissing } from '../../fixtures/soft-token.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../../fixtures/tiny-onnx.ts';
import { CertifiedFleet } from './certified-fleet.ts';
import { eventually, type Program } from './program.ts';

// A fleet from nothing, as docs/enrolment.md says it: an authority, a broker that knows devices by it, a controller, a
// claim, and an agent that has nothing but the claim.

const minutes = 60_000;

const missing = { files: mosquittoMissing, 'a token': mosquittoMissing ?? tokenMissing };

describe.each(['files', 'a token'] as const)(
  'A fleet that makes its own certificates, its keys in',
  (place) => {
    const absent = missing[place];
    describe.skipIf(absent !== undefined)(`${place}${absent === undefined ? '' : ` (${absent})`}`, () => {
      let fleet: CertifiedFleet;
      let agent: Program;
      /** Where the keys are in a token. */
      let held: ReturnType<typeof softToken> | undefined;
      const file = (...names: string[]) => fleet.file(...names);
      const run = (...args: string[]) => fleet.run(...args);

      beforeAll(async () => {
        const base = mkdtempSync(join(tmpdir(), 'goshawk-enrolled-'));
        if (place === 'a token') {
          mkdirSync(join(base, 'token'));
          held = softToken(join(base, 'token'));
        }
        fleet = await CertifiedFleet.start(base, { held, awayFirstFor: 'truck-7' });
      }, 3 * minutes);
      afterAll(async () => {
        await agent?.end();
        await fleet?.close();
      });

      async function bundle(version: string): Promise<string> {
        const bytes = tinyOnnx();
        const variant = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
        const manifest = tinyManifest({ version, variants: [{ kind: 'fp32', file: variant }] });
        return (await writeBundle(file(`bundle-${version}`), manifest, new Map([['fp32.onnx', bytes]])))
          .location;
      }

      const deviceOf = (name: string) => fleet.device(name);

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
          agent = fleet.program('agent', '--config', file('agent.json'));
          await agent.line('started', 2 * minutes);
          await eventually('it says what it waits for', () =>
            agent.log.some(
              ({ msg, reason }) => msg === 'Not enrolled yet' && /no claim/i.test(String(reason)),
            ),
          );
          await run(
            ...['claim', 'create', '--name', 'trucks', '--groups', 'trucks', '--serials', 'SN 1'],
            ...['--out', file('claim.token'), ...fleet.target],
          );
          expect(statSync(file('claim.token')).mode & 0o777).toBe(0o600);
          await eventually(
            'the device is online',
            async () => (await deviceOf('truck-7'))?.online,
            3 * minutes,
          );
          // It was told both addresses of the broker, and nothing listens at the first of its order.
          expect(agent.log.filter(({ msg }) => /o the broker$/.test(String(msg))).slice(0, 2)).toEqual([
            expect.objectContaining({ msg: 'No connection to the broker', next: expect.any(String) }),
            expect.objectContaining({ msg: 'Connected to the broker', url: expect.any(String) }),
          ]);
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
          await run('model', 'push', await bundle('2.0.0'), ...fleet.target);
          const answer = await run(
            ...['model', 'deploy', 'tiny', '--device', 'truck-7', '--wait', ...fleet.target],
          );
          expect(JSON.stringify(answer)).not.toContain('failed');
          await eventually('the new model serves', async () => {
            const detail = await run('device', 'show', 'truck-7', ...fleet.target);
            return JSON.stringify(detail).includes('"version":"2.0.0"');
          });
        },
        3 * minutes,
      );

      it(
        'puts a revoked device out of the broker and keeps it out',
        async () => {
          await run('certificate', 'revoke', 'truck-7', '--reason', 'stolen', ...fleet.target);
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
