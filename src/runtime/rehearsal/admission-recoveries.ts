import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EstServer } from '../../adapters/est/index.ts';
import { certificatesFrom, FileKeyStore, issueOwn, openAuthority } from '../../adapters/x509/index.ts';
import { parseClaim } from '../../protocol/index.ts';
import { systemCaller } from '../controller/first-token.ts';
import { goshawkVersion } from '../version.ts';
import type { RehearsalFleet } from './fleet.ts';
import { type Recovery, refused, timed } from './recovery.ts';

const claim: Recovery = {
  name: 'claim',
  gone: 'a claim is stolen',
  harm: 'enrols devices of the thief, up to its number',
  until: 'you withdraw it, or it ends',
  command: 'goshawk claim withdraw ID; fleet revoke DEVICE for each that came with it',
  async rehearse(fleet) {
    const stolen = await fleet.claim(10);
    const intruder = await enrol(fleet, stolen, 'intruder');
    const at = await fleet.connect('intruder', intruder.cert, intruder.key);
    const { enrolment } = fleet.controller;
    const ms = await timed(async () => {
      await enrolment.claims.withdraw(systemCaller, parseClaim(stolen).id);
      await enrolment.revocations.revoke(systemCaller, 'intruder', { reason: 'rehearsal' });
    });
    await at.close();
    await refused('to enrol with the claim', () => enrol(fleet, stolen, 'second'));
    await refused('to connect with its certificate', async () => {
      const again = await fleet.connect('intruder', intruder.cert, intruder.key);
      await again.close();
    });
    return ms;
  },
};

const intermediate: Recovery = {
  name: 'intermediate',
  gone: "the authority's intermediate is stolen",
  harm: 'makes devices for your broker, with any name: they receive and send all that this device may',
  until: 'all devices are enrolled again, under another root',
  command:
    'goshawk controller ca init --dir NEW --root-out MEDIUM; ca issue for broker and controller; claim create; on each device: without the folder identity, enrol',
  async rehearse(fleet) {
    const copy = join(fleet.folder, 'stolen-ca');
    await cp(join(fleet.authority, 'ca'), copy, { recursive: true });
    const { authority } = await openAuthority(copy);
    const [name = ''] = fleet.ids;
    const forge = () => issueOwn(authority, { use: 'client', name, nowMs: Date.now(), days: 1 });
    const { cert, key } = await forge();
    await (await fleet.connect(name, cert, key)).close();
    const ms = await timed(async () => {
      await fleet.eachDevice((id) => fleet.stopDevice(id));
      await fleet.stopController();
      await fleet.stopBroker();
      await fleet.newAuthority();
      await fleet.startBroker();
      await fleet.startController();
      const claim = await fleet.claim(fleet.ids.length);
      await fleet.eachDevice(async (id) => {
        await rm(join(fleet.deviceFolder(id), 'identity'), { recursive: true, force: true });
        await fleet.startDevice(id, claim);
      });
      await letIn(fleet);
      await fleet.orderNew();
    });
    await refused('to make a device with the stolen key', async () => {
      const forged = await forge();
      await (await fleet.connect(name, forged.cert, forged.key)).close();
    });
    return ms;
  },
};

export const admissionRecoveries: readonly Recovery[] = [claim, intermediate];

async function enrol(fleet: RehearsalFleet, text: string, device: string) {
  const keys = new FileKeyStore(join(fleet.folder, `${device}.key`));
  const key = () => keys.ensure();
  const server = new EstServer({ clock: fleet.ports.clock, certificatesFrom, key });
  const facts = { board: 'rehearsal', arch: process.arch, agentVersion: goshawkVersion() };
  const answer = await server.enrol(parseClaim(text), { csr: await keys.request({ device }), facts });
  if (answer.kind !== 'issued') throw new Error('It has to wait for a person.');
  return { cert: answer.identity.certificate, key: await key() };
}

/** Their names are known, so a person looks at each. */
async function letIn(fleet: RehearsalFleet): Promise<void> {
  const { enrolments } = fleet.controller.enrolment;
  const approved = new Set<string>();
  await fleet.until('every device is enrolled again', async () => {
    for (const { id, device, state } of enrolments.list().enrolments) {
      if (state !== 'pending') continue;
      await enrolments.approve(systemCaller, id);
      approved.add(device);
    }
    return fleet.ids.every((id) => fleet.controller.registry.get(id)?.online === true);
  });
}
