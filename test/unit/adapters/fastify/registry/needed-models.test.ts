import { expect, it, onTestFinished } from 'vitest';
import { encodePayload, topics } from '../../../../../src/protocol/index.ts';
import { birth } from '../../../../fakes/test-fleet.ts';
import { admin } from '../../../../fixtures/enrolling-controller.ts';
import { OciPeer } from '../../../../fixtures/oci-client.ts';
import { Served } from '../serve.ts';
import { pushed } from './pushed-model.ts';

it('A model that a rollout may have to go back to is deleted by no client of the registry', async () => {
  const served = await Served.open();
  onTestFinished(() => served.close());
  const { controller } = served;
  const peer = new OciPeer((path, init) => served.fetch(path, 'admin', init));
  const before = await pushed(peer, '1.0.0');
  const next = await pushed(peer, '2.0.0');
  await served.device.publish({
    ...{ topic: topics.state('cam-1'), payload: encodePayload('state', birth), qos: 1, retain: true },
    contentType: 'application/cbor',
  });
  await expect.poll(() => controller.registry.get('cam-1')?.online, { timeout: 30_000 }).toBe(true);
  const model = { name: 'street', version: '1.0.0', digest: before.digest };
  await controller.desiredState.setDevice(admin, 'cam-1', { slots: { main: { model } } });
  const policy = { model: { name: 'street', version: '2.0.0' }, target: { all: true as const } };
  await controller.rollouts.create(admin, { name: 'to-2', policy });
  // The first step remembers what each device had.
  await expect.poll(() => controller.rollouts.using(before.digest), { timeout: 30_000 }).toEqual(['to-2']);
  for (const { artifact, file, config, digest } of [before, next]) {
    const blobs = [file, config, digest].map((one) => `street/blobs/${one}`);
    for (const path of [`street/manifests/${artifact}`, ...blobs]) {
      const answer = await peer.send('DELETE', path);
      expect([answer.status, await answer.text()]).toEqual([
        expect.any(Number),
        expect.stringMatching(/to-2/),
      ]);
    }
    expect((await peer.get(`street/manifests/${artifact}`)).status).toBe(200);
    expect(served.controller.models.list().models.map((one) => one.digest)).toContain(digest);
  }
  // A name of it is no model, and what no rollout needs goes as before.
  expect((await peer.send('DELETE', 'street/manifests/1.0.0')).status).toBe(202);
  const other = await pushed(peer, '3.0.0');
  expect((await peer.send('DELETE', `street/manifests/${other.artifact}`)).status).toBe(202);
});
