import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeTrustCrypto } from '../../adapters/crypto/index.ts';
import { encodePayload, topics } from '../../protocol/index.ts';
import { orderPayload, orderType, signPayload, type TrustSigner } from '../../trust/index.ts';
import { deviceTrustFolder } from '../device/trust-root.ts';
import { type RehearsalFleet, thiefId } from './fleet.ts';
import type { RehearsalModel } from './models.ts';
import { StandInOwners } from './owners.ts';
import { type Recovery, timed } from './recovery.ts';

const onlineKey: Recovery = {
  name: 'online-key',
  gone: "the controller's online key is stolen",
  harm: 'orders any model that you signed, calls devices, says what time it is; signs no model',
  until: 'each device has the next root',
  command: 'goshawk keys rotate FILE --role online --add online.pub; keys sign; keys publish',
  async rehearse(fleet) {
    const old = await fleet.release();
    await fleet.order(old);
    await fleet.runs(old);
    const stolen = fleet.onlineKey;
    await orderForEver(fleet, old, stolen);
    const ms = await timed(async () => {
      await withNewOnlineKey(fleet, join(fleet.controllerFolder, 'trust', 'online.key'));
      fleet.owners.rotateOnline(fleet.onlineKey.key);
      await fleet.publish();
      await fleet.orderNew();
    });
    const next = await fleet.release();
    await fleet.order(next);
    await fleet.runs(next);
    return ms;
  },
};

const ownersKey: Recovery = {
  name: 'owner-key',
  gone: "one owner's key is lost or stolen",
  harm: 'none, if more than one owner has to sign',
  until: 'never, with two of three',
  command: 'goshawk keys revoke FILE ID; the others: keys sign; keys publish',
  async rehearse(fleet) {
    return timed(async () => {
      fleet.owners.revokeOne();
      await fleet.publish();
      await fleet.orderNew();
    });
  },
};

const twoOwnersKeys: Recovery = {
  name: 'owner-keys',
  gone: "as many owners' keys as have to sign are stolen, or too many lost",
  harm: 'stolen: the thief signs models, which run; lost: you can sign no new model',
  until: 'each device has a new root, by hand',
  command:
    'goshawk keys init NEW; model sign; keys publish; keys anchor NEW --out root.json; on each device: root.json, without the folder trust',
  async rehearse(fleet) {
    const running = await fleet.release();
    await fleet.order(running);
    await fleet.runs(running);
    return timed(async () => {
      // The published documents are of the old owners: the controller starts over, with a new key.
      await withNewOnlineKey(fleet, join(fleet.controllerFolder, 'trust'));
      fleet.owners = new StandInOwners(fleet.onlineKey.key, fleet.owners.file);
      await fleet.sign(running);
      const root = fleet.controller.trust?.anchor();
      await fleet.eachDevice(async (id) => {
        await fleet.stopDevice(id);
        await rm(join(fleet.deviceFolder(id), deviceTrustFolder), { recursive: true, force: true });
        await fleet.startDevice(id, '', root);
      });
      await fleet.runs(running);
      await fleet.orderNew();
    });
  },
};

export const keyRecoveries: readonly Recovery[] = [onlineKey, ownersKey, twoOwnersKeys];

/** The controller makes a key at its next start. */
async function withNewOnlineKey(fleet: RehearsalFleet, remove: string): Promise<void> {
  await fleet.stopController();
  await rm(remove, { recursive: true });
  await fleet.startController();
}

/** The thief signs an order of the highest generation there is, for a model that the owners signed. */
async function orderForEver(fleet: RehearsalFleet, model: RehearsalModel, key: TrustSigner): Promise<void> {
  const [cert, own] = await Promise.all(
    ['crt', 'key'].map((kind) => readFile(join(fleet.authority, `${thiefId}.${kind}`), 'utf8')),
  );
  const thief = await fleet.connect(thiefId, cert!, own!);
  const generation = Number.MAX_SAFE_INTEGER;
  const { name, version, digest } = model;
  await fleet.eachDevice((id) => {
    const slots = { main: { model: { name, version, digest } } };
    const desired = encodePayload('desired', { generation, timeMs: Date.now(), slots });
    const payload = signPayload(orderType, orderPayload(id, desired), key, nodeTrustCrypto());
    return thief.publish({ topic: topics.desired(id), payload, qos: 1, retain: true });
  });
  await fleet.until('the devices obey the thief', () =>
    fleet.ids.every((id) => fleet.controller.registry.get(id)?.reported?.generation === generation),
  );
  await thief.close();
}
