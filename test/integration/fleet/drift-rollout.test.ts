import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { amendBundle, digestOf, networkDigest } from '../../../src/adapters/filesystem/index.ts';
import type { DriftFleet } from '../../../src/api/index.ts';
import { formatProfile, type ReferenceProfile } from '../../../src/drift/index.ts';
import { type Bundle, bundledProfilePath, type Manifest } from '../../../src/model/index.ts';
import { learnToy } from '../../unit/drift/toy-camera.ts';
import { jsonLines } from '../goshawk.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { bundleIn } from './models.ts';
import { eventually } from './program.ts';

// Most of it is waiting for processes to start, on machines that may be busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const [kind] = brokerKinds.filter(({ missing }) => missing === undefined);

describe.skipIf(kind === undefined)(
  'The watch for drift over rollouts, with a real agent and controller',
  () => {
    let fleet: TestFleet;
    let profile: ReferenceProfile;

    beforeAll(async () => {
      profile = learnToy();
      if (kind === undefined) return;
      fleet = await TestFleet.open(kind);
      await fleet.broker.start();
      await fleet.startController();
    });
    afterAll(() => fleet?.close());

    /** `labels` makes it another network. */
    async function model(version: string, labels: string, camera?: string): Promise<Bundle> {
      const change: Partial<Manifest> = { labels: [labels] };
      const bundle = await bundleIn(fleet.folder, version, undefined, change);
      if (camera === undefined) return bundle;
      const text = formatProfile({ ...profile, modelDigest: networkDigest(bundle.manifest) });
      const attachments = new Map([[bundledProfilePath(camera), Buffer.from(text)]]);
      return amendBundle(bundle, `${bundle.location}-profiled`, { attachments });
    }

    async function rollOut(bundle: Bundle): Promise<void> {
      await fleet.push(bundle.location);
      const { version } = bundle.manifest;
      const order = [
        'model',
        'deploy',
        `tiny@${version}`,
        '--device',
        'cam-1',
        '--wait',
        '--timeout',
        '120s',
      ];
      expect(await fleet.command(...order)).toMatchObject({ code: 0 });
    }

    const drift = async () => (await fleet.device('cam-1')).reported?.drift?.front;
    /** What the fleet says of the camera, by the command and by the device, once it speaks of this model. */
    async function watched(bundle: Bundle, state: string) {
      await eventually(`cam-1 is ${state} with ${bundle.manifest.version}`, async () => {
        const { reported } = await fleet.device('cam-1');
        return (
          reported?.slots.main?.loaded?.digest === bundle.digest && reported.drift?.front?.state === state
        );
      });
      const [said] = jsonLines((await fleet.command('drift', 'list')).stdout) as unknown as [DriftFleet];
      const [row] = said.rows;
      expect(row).toMatchObject({ device: 'cam-1', camera: 'front', state });
      expect(row?.watched).toEqual((await drift())?.watched);
      return { status: await drift(), counts: { watching: said.watching, without: said.sensorOnly } };
    }
    const toldOf = async (event: string) =>
      (await fleet.events('cam-1')).filter(({ kind: said }) => said === event);

    it('goes on with every model that brings a profile, and says so where one does not', async () => {
      const first = await model('1.1.0', 'thing', 'front');
      await fleet.startAgent({ device: 'cam-1', settings: { model: first.location } });
      await fleet.online('cam-1');
      const begun = await watched(first, 'watching');
      expect(begun.status).toMatchObject({
        watched: ['sensor', 'scene', 'model'],
        profile: { modelDigest: first.digest },
      });
      expect(begun.counts).toEqual({ watching: 1, without: 0 });

      const profiled = await model('2.0.0', 'other', 'front');
      await rollOut(profiled);
      const kept = await watched(profiled, 'watching');
      expect(kept.status).toMatchObject({
        watched: ['sensor', 'scene', 'model'],
        profile: { modelDigest: profiled.digest },
      });
      expect(await toldOf('drift.profile-missing')).toEqual([]);
      expect(await toldOf('drift.profile-refused')).toEqual([]);

      const bare = await model('3.0.0', 'third');
      await rollOut(bare);
      const lost = await watched(bare, 'sensor-only');
      expect(lost.status).toMatchObject({
        watched: ['sensor', 'scene'],
        reason: expect.stringContaining('what the model that runs gives is not watched'),
      });
      expect(lost.counts).toEqual({ watching: 0, without: 1 });
      await eventually(
        'the fleet hears of it',
        async () => (await toldOf('drift.profile-missing')).length > 0,
      );
      expect(await toldOf('drift.profile-missing')).toMatchObject([
        {
          camera: 'front',
          severity: 'warning',
          message: expect.stringContaining('Watched on: sensor, scene.'),
        },
      ]);
    });

    it('prefers the learned profile of a network to that of the bundle, also in a new version', async () => {
      // As a device keeps what it learned with 3.0.0, which brought nothing.
      const { reported } = await fleet.device('cam-1');
      const digest = reported?.slots.main?.loaded?.digest ?? '';
      const learned = await model('3.0.1', 'third', 'front');
      const short = (text: string) => text.replace('sha256:', '').slice(0, 16);
      const name = `front-${short(digest)}-${short(networkDigest(learned.manifest))}.json`;
      const own = { ...profile, modelDigest: digest, framesPerSecond: 8 };
      const folder = join(fleet.deviceFolder('cam-1'), 'profiles');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, name), formatProfile(own));
      await rollOut(learned);
      const { status } = await watched(learned, 'watching');
      expect(status?.profile?.modelDigest).toBe(learned.digest);
      expect(status?.profile?.digest).toBe(digestOf(readFileSync(join(folder, name))));
    });
  },
);
