import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EstServer } from '../../src/adapters/est/index.ts';
import { certificatesFrom } from '../../src/adapters/x509/index.ts';
import { admin, EnrollingController } from '../fixtures/enrolling-controller.ts';

const day = 86_400_000;

describe('A device with a claim', () => {
  it('gets a certificate of months for its own key, and is told of the broker', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim({ groups: ['trucks'] });
    const device = served.device('truck-7', { serial: 'SN 1' });
    const identity = await device.enrol(claim);
    const leaf = new X509Certificate(identity.certificate);
    expect(leaf.subject).toBe('CN=truck-7\nserialNumber=SN 1');
    expect(leaf.ca).toBe(false);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(identity.notAfterMs - identity.notBeforeMs).toBeGreaterThan(89 * day);
    expect(await device.server.membership(identity)).toEqual({
      device: 'truck-7',
      groups: ['trucks'],
      broker: { url: 'mqtts://broker.test:8883', servers: ['mqtts://node-2.test:8883'] },
    });
  });

  it('whose answer was lost on the way gets the same certificate, and the claim counts it once', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    const device = served.device('truck-7');
    const first = await device.enrol(claim);
    expect(await device.enrol(claim)).toEqual(first);
    expect(served.controller.enrolment.claims.list().claims).toMatchObject([
      { used: 1, devices: ['truck-7'] },
    ]);
  });

  it('waits for a person where the claim wants one, and gets its certificate when it asks again', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim({ rule: 'manual' });
    const device = served.device('truck-7');
    expect(await device.ask(claim)).toEqual({ kind: 'pending', retryAfterMs: 1000 });
    const { enrolments } = served.controller.enrolment;
    const [waiting] = enrolments.list().enrolments;
    expect(waiting).toMatchObject({ device: 'truck-7', state: 'pending', address: '127.0.0.1' });
    await enrolments.approve(admin, waiting?.id ?? '');
    expect((await device.ask(claim)).kind).toBe('issued');
    expect(enrolments.list().enrolments).toEqual([]);
  });

  it('that asked in time is let in by a person also after its claim has expired', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim({ rule: 'manual', days: 1 });
    const device = served.device('truck-7');
    await device.ask(claim);
    served.clock.shiftMs = 3 * day;
    await expect(device.ask(claim)).rejects.toMatchObject({ code: 'claim-expired' });
    const { enrolments } = served.controller.enrolment;
    await enrolments.approve(admin, enrolments.list().enrolments[0]?.id ?? '');
    expect((await device.ask(claim)).kind).toBe('issued');
  });

  it('may ask a server that its settings name, with user and password, and a root from a file', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    const device = served.device('truck-7');
    const ports = { clock: served.clock, certificatesFrom, key: () => device.keys.ensure() };
    const ca = String(new X509Certificate(served.authority.chain[1] ?? new Uint8Array()));
    const stranger = { host: 'nowhere.test', id: claim.id, secret: claim.secret, root: '' };
    const answer = await new EstServer(ports, { url: served.url, ca }).enrol(
      stranger,
      await device.request(),
    );
    expect(answer).toMatchObject({ kind: 'issued', identity: { server: served.url } });
    const other = await EnrollingController.open();
    const otherCa = String(new X509Certificate(other.authority.chain[1] ?? new Uint8Array()));
    await expect(
      new EstServer(ports, { url: served.url, ca: otherCa }).enrol(stranger, await device.request()),
    ).rejects.toMatchObject({ code: 'server-not-trusted' });
  });

  it('that a person rejected is refused, however often it asks', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim({ rule: 'manual' });
    const device = served.device('truck-7');
    await device.ask(claim);
    const { enrolments } = served.controller.enrolment;
    await enrolments.reject(admin, enrolments.list().enrolments[0]?.id ?? '');
    await expect(device.ask(claim)).rejects.toMatchObject({ code: 'enrolment-rejected' });
  });
});
