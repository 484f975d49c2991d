import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EstAuthority, type EstAuthorityOptions } from '../../src/adapters/est/index.ts';
import { certificatesFrom, certsOnly, readRequest } from '../../src/adapters/x509/index.ts';
import { admin, EnrollingController } from '../fixtures/enrolling-controller.ts';

// A controller whose devices get their certificates from another EST server. That server is Goshawk's own here, asked as a
// stranger asks it: with user and password.

const rootOf = (served: EnrollingController) =>
  String(new X509Certificate(served.authority.chain.at(-1) ?? new Uint8Array()));

async function userAt(server: EnrollingController, count = 10) {
  const { claim, id } = await server.claim({ name: 'inner controller', count });
  return { user: { name: claim.id, password: claim.secret }, id };
}

function open(server: EnrollingController, more: Partial<EstAuthorityOptions>, kept: string[] = []) {
  const keep = async (pem: string) => void kept.push(pem);
  return EstAuthority.open(
    { clock: server.clock, read: readRequest, certsOnly, certificatesFrom, keep },
    { url: server.url, root: rootOf(server), ...more },
  );
}

/** An outer server, and a controller that passes on to it whom it lets in. */
async function served() {
  const outer = await EnrollingController.open();
  const { user, id } = await userAt(outer);
  const authority = await open(outer, { user });
  const inner = await EnrollingController.open({ outside: { authority, listener: outer.authority } });
  return { outer, inner, user: id };
}

describe('A controller with an outside authority', () => {
  it('lets a device in by its own rules, with a certificate of the other one', async () => {
    const { outer, inner } = await served();
    const { claim } = await inner.claim({ groups: ['trucks'] });
    const device = inner.device('truck-7', { serial: 'SN 1' });
    const identity = await device.enrol(claim);
    const leaf = new X509Certificate(identity.certificate);
    expect(leaf.subject).toBe('CN=truck-7\nserialNumber=SN 1');
    const [issuer] = outer.authority.chain.map((der) => new X509Certificate(der));
    expect(leaf.issuer).toBe(issuer?.subject);
    expect(identity.authority).toBe(rootOf(outer));
    expect(await device.server.membership(identity)).toMatchObject({ device: 'truck-7', groups: ['trucks'] });
  });

  it('asks the other one for nobody whom it refuses itself', async () => {
    const { outer, inner } = await served();
    const { claim, id } = await inner.claim();
    await inner.controller.enrolment.claims.withdraw(admin, id);
    await expect(inner.device('truck-7').enrol(claim)).rejects.toMatchObject({ code: 'claim-withdrawn' });
    expect(outer.controller.enrolment.claims.list().claims).toMatchObject([{ used: 0 }]);
  });

  it('keeps its claim for a device that the other one refuses', async () => {
    const { outer, inner, user } = await served();
    await outer.controller.enrolment.claims.withdraw(admin, user);
    const { claim } = await inner.claim();
    await expect(inner.device('truck-7').enrol(claim)).rejects.toMatchObject({ code: 'authority-refused' });
    expect(inner.controller.enrolment.claims.list().claims).toMatchObject([{ used: 0 }]);
  });

  it('does not take for new what it was given before', async () => {
    const { inner } = await served();
    const { claim } = await inner.claim();
    const device = inner.device('truck-7');
    const identity = await device.enrol(claim);
    // The outer one knows the key, and answers as if its answer had been lost.
    await expect(device.renew(identity)).rejects.toMatchObject({ code: 'certificate-again' });
  });

  it('refuses a revoked device at once, and says that the broker is told elsewhere', async () => {
    const { inner } = await served();
    const { claim } = await inner.claim();
    const device = inner.device('truck-7');
    const identity = await device.enrol(claim);
    await inner.controller.enrolment.revocations.revoke(admin, 'truck-7', {});
    await expect(device.server.membership(identity)).rejects.toMatchObject({ code: 'certificate-refused' });
    expect(inner.lists).toEqual([]);
  });
});

describe('An outside authority', () => {
  it('that is away at the start is known from before', async () => {
    const outer = await EnrollingController.open();
    const kept: string[] = [];
    const { user } = await userAt(outer);
    const before = await open(outer, { user }, kept);
    const away = 'https://127.0.0.1:1';
    const after = await open(outer, { user, url: away, known: kept.at(-1) ?? '' });
    expect(after.chain).toEqual(before.chain);
    await expect(open(outer, { user, url: away })).rejects.toMatchObject({ code: 'enrolment-away' });
  });

  it('is believed for nothing that its root did not sign, nor for another key or name', async () => {
    const [outer, other] = [await EnrollingController.open(), await EnrollingController.open()];
    await expect(open(outer, { root: rootOf(other) })).rejects.toMatchObject({ code: 'server-not-trusted' });
    const { user } = await userAt(outer);
    const authority = await open(outer, { user });
    const { csr } = await outer.device('truck-7').request();
    const request = await authority.read(csr);
    await expect(authority.issue({ ...request, device: 'truck-8' })).rejects.toThrow(/for truck-7/);
    await expect(authority.issue({ ...request, key: '00' })).rejects.toThrow(/another key/);
  });

  it('that has a person decide is asked again by the device', async () => {
    const outer = await EnrollingController.open();
    const { claim } = await outer.claim({ rule: 'manual' });
    const authority = await open(outer, { user: { name: claim.id, password: claim.secret } });
    const request = await authority.read((await outer.device('truck-7').request()).csr);
    await expect(authority.issue(request)).rejects.toMatchObject({
      code: 'authority-pending',
    });
  });
});
