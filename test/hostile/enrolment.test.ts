import { chmodSync, statSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { issueOwn } from '../../src/adapters/x509/index.ts';
import { Pkcs10CertificateRequestGenerator } from '../../src/adapters/x509/library.ts';
import type { Identity } from '../../src/agent/index.ts';
import type { Claim } from '../../src/protocol/index.ts';
import { admin, EnrollingController, facts, type TestDevice } from '../fixtures/enrolling-controller.ts';

// Whoever reaches the device listener may try anything; what a claim, a key and a certificate are worth is held here.

const day = 86_400_000;
const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A request over HTTP as it is, with the server's word for it. */
async function post(
  served: EnrollingController,
  path: string,
  {
    body = '',
    headers = {},
    identity,
  }: { body?: string; headers?: Record<string, string>; identity?: { cert: string; key: string } } = {},
): Promise<{ status: number; text: string; headers: string }> {
  const socket = connect({ host: '127.0.0.1', port: served.port, rejectUnauthorized: false, ...identity });
  const lines = Object.entries({
    host: 'localhost',
    connection: 'close',
    'content-type': 'application/pkcs10',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  let answer = '';
  socket.on('error', () => {});
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
  const [head = '', text = ''] = answer.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]), text, headers: head };
}

const basic = ({ id, secret }: Claim) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
const enrolPath = '/.well-known/est/simpleenroll';
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const claimsOf = (served: EnrollingController) => served.controller.enrolment.claims.list().claims;
const certificatesOf = (served: EnrollingController) =>
  served.controller.enrolment.revocations.list({}).certificates;
const keyOf = async (device: TestDevice, identity: Identity) => ({
  cert: identity.certificate,
  key: await device.keys.ensure(),
});

describe('A claim', () => {
  it('for one device that is sent again with another key lets nobody in', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    await served.device('truck-7').enrol(claim);
    await expect(served.device('truck-8').ask(claim)).rejects.toMatchObject({ code: 'claim-used' });
    expect(certificatesOf(served)).toHaveLength(1);
  });

  it('that was recorded with its request gives whoever sends it again the same certificate, useless without the key', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    const device = served.device('truck-7');
    const { csr } = await device.request();
    const sent = { body: base64(csr), headers: basic(claim) };
    const first = await post(served, enrolPath, sent);
    const again = await post(served, enrolPath, sent);
    expect(first.status).toBe(200);
    expect(again.text).toBe(first.text);
    expect(certificatesOf(served)).toHaveLength(1);
  });

  it('for one device lets in one of a hundred that ask at the same moment', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    const asked = Array.from({ length: 100 }, (_, i) => served.device(`truck-${i}`).ask(claim));
    const answers = await Promise.allSettled(asked);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(claimsOf(served)).toMatchObject([{ used: 1 }]);
    expect(certificatesOf(served)).toHaveLength(1);
  });

  it('that has expired, was withdrawn or is for another board lets nobody in', async () => {
    const served = await EnrollingController.open();
    const { claim: expired } = await served.claim({ days: 1 });
    const { claim: withdrawn, id } = await served.claim();
    const { claim: other } = await served.claim({ serials: ['SN 1'] });
    await served.controller.enrolment.claims.withdraw(admin, id);
    served.clock.shiftMs = day + 1000;
    await expect(served.device('a').ask(expired)).rejects.toMatchObject({ code: 'claim-expired' });
    await expect(served.device('b').ask(withdrawn)).rejects.toMatchObject({ code: 'claim-withdrawn' });
    await expect(served.device('c', { serial: 'SN 2' }).ask(other)).rejects.toMatchObject({
      code: 'serial-refused',
    });
    await expect(served.device('d').ask(other)).rejects.toMatchObject({ code: 'serial-refused' });
    expect(certificatesOf(served)).toEqual([]);
    expect((await served.device('e', { serial: 'SN 1' }).ask(other)).kind).toBe('issued');
  });

  it('that was stolen and withdrawn enrols nothing that waited with it', async () => {
    const served = await EnrollingController.open();
    const { claim, id } = await served.claim({ rule: 'manual' });
    const thief = served.device('thief');
    await thief.ask(claim);
    const [waiting] = served.controller.enrolment.enrolments.list().enrolments;
    await served.controller.enrolment.claims.withdraw(admin, id);
    await expect(
      served.controller.enrolment.enrolments.approve(admin, waiting?.id ?? ''),
    ).rejects.toMatchObject({
      code: 'enrolment-unknown',
    });
    await expect(thief.ask(claim)).rejects.toMatchObject({ code: 'claim-withdrawn' });
  });

  it('with a wrong secret, an unknown id or none gets the same refusal, and an address that keeps trying is blocked', async () => {
    const served = await EnrollingController.open({ failuresPerMinute: 5 });
    const { claim } = await served.claim();
    const { csr } = await served.device('truck-7').request();
    const wrong = [
      basic({ ...claim, secret: `${claim.secret.slice(0, -1)}${claim.secret.endsWith('A') ? 'B' : 'A'}` }),
      basic({ ...claim, id: '000000000000' }),
      { authorization: 'Basic !!!' },
      {},
    ];
    const answers = [];
    for (const headers of wrong) answers.push(await post(served, enrolPath, { body: base64(csr), headers }));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
    for (let i = 0; i < 3; i++) await post(served, enrolPath, { body: base64(csr) });
    expect((await post(served, enrolPath, { body: base64(csr) })).status).toBe(429);
    // Who has a claim is let in all the same.
    expect((await post(served, enrolPath, { body: base64(csr), headers: basic(claim) })).status).toBe(200);
  });

  it('is in no line of the log', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    await served.device('truck-7').enrol(claim);
    await served
      .device('truck-8')
      .ask(claim)
      .catch(() => {});
    await post(served, enrolPath, { body: 'nonsense', headers: basic(claim) });
    expect(served.log.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(served.log.lines)).not.toContain(claim.secret);
    expect(JSON.stringify(served.store.auditRows)).not.toContain(claim.secret);
  });
});

describe('A request', () => {
  it('that was signed with another key than it is for is refused', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    const generate = () => crypto.subtle.generateKey(p256, true, ['sign', 'verify']);
    const [own, foreign] = await Promise.all([generate(), generate()]);
    const request = await Pkcs10CertificateRequestGenerator.create({
      name: [{ CN: ['truck-7'] }],
      keys: { privateKey: own.privateKey, publicKey: foreign.publicKey },
      signingAlgorithm: p256,
    });
    const answer = await post(served, enrolPath, {
      body: base64(new Uint8Array(request.rawData)),
      headers: basic(claim),
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('request-signature');
    expect(claimsOf(served)).toMatchObject([{ used: 0 }]);
  });

  it('of another kind of key, of no name, of two names or of no request at all is refused', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    const other = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' } as const;
    const make = async (name: Record<string, string[]>[], algorithm: typeof p256 | typeof other = p256) => {
      const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const request = await Pkcs10CertificateRequestGenerator.create({
        name,
        keys,
        signingAlgorithm: algorithm,
      });
      return base64(new Uint8Array(request.rawData));
    };
    const bodies = [
      await make([{ CN: ['truck-7'] }], other),
      await make([{ O: ['nobody'] }]),
      await make([{ CN: ['truck-7'] }, { CN: ['controller'] }]),
      await make([{ CN: ['truck-7'] }, { '2.5.4.5': ['a\nb'] }]),
      base64(new Uint8Array(300)),
      'no base64!',
      '',
    ];
    for (const body of bodies)
      expect([
        body.slice(0, 20),
        (await post(served, enrolPath, { body, headers: basic(claim) })).status,
      ]).toEqual([body.slice(0, 20), 400]);
    expect(certificatesOf(served)).toEqual([]);
  });

  it.each(['controller', 'Controller', 'broker', '../x', 'a/b', '$SYS', '+', 'a b', ''])(
    'for the name %j is refused: the broker would give it other rights',
    async (name) => {
      const served = await EnrollingController.open();
      const { claim } = await served.claim();
      await expect(served.device(name).ask(claim)).rejects.toMatchObject({ name: 'RefusedError' });
      expect(certificatesOf(served)).toEqual([]);
    },
  );

  it('that is too large, or says too much of its board, is refused before it is read', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    const { csr } = await served.device('truck-7').request();
    const large = await post(served, enrolPath, { body: 'A'.repeat(200_000), headers: basic(claim) });
    expect(large.status).toBe(413);
    const wordy = { ...basic(claim), 'goshawk-board-facts': 'A'.repeat(6000) };
    expect((await post(served, enrolPath, { body: base64(csr), headers: wordy })).status).toBe(400);
    const wrong = base64(new TextEncoder().encode(JSON.stringify({ ...facts, hardware: '<script>' })));
    expect(
      (
        await post(served, enrolPath, {
          body: base64(csr),
          headers: { ...basic(claim), 'goshawk-board-facts': wrong },
        })
      ).status,
    ).toBe(400);
    expect(certificatesOf(served)).toEqual([]);
  });

  it('a thousand times, a hundred at once, is answered each, by a bounded number of waiting ones, and harms no device', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim({ count: 10_000, rule: 'manual' });
    const { claim: good } = await served.claim();
    const member = served.device('member');
    const identity = await member.enrol(good);
    const requests = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => served.device(`crowd-${i}`).request()),
    );
    const ask = ({ csr }: { csr: Uint8Array }) =>
      post(served, enrolPath, { body: base64(csr), headers: basic(claim) });
    // Both ends share this process, and the server waits 20 s for a handshake.
    const answers: Awaited<ReturnType<typeof post>>[] = [];
    for (let at = 0; at < requests.length; at += 100)
      answers.push(...(await Promise.all(requests.slice(at, at + 100).map(ask))));
    const count = (status: number) => answers.filter((one) => one.status === status).length;
    expect(count(202) + count(503)).toBe(1000);
    expect(count(202)).toBeGreaterThan(0);
    for (const { status, headers } of answers)
      if (status === 503) expect(headers).toMatch(/retry-after: \d+/i);
    expect(served.controller.enrolment.enrolments.list().enrolments.length).toBeLessThanOrEqual(200);
    expect(await member.server.membership(identity)).toMatchObject({ device: 'member' });
    // Nothing that is kept for ever grew with the crowd.
    expect(served.store.auditRows.length).toBeLessThan(10);
  });
});

describe('The name of a device', () => {
  it('that another board has is refused, and its owner is told', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim({ count: 5 });
    await served.device('truck-7', { serial: 'SN 1' }).enrol(claim);
    served.controller.registry.ensure('truck-7');
    await expect(served.device('truck-7', { serial: 'SN 2' }).ask(claim)).rejects.toMatchObject({
      code: 'device-name-taken',
    });
    await expect(served.device('truck-7').ask(claim)).rejects.toMatchObject({ code: 'device-name-taken' });
    await expect.poll(() => served.events('device.name-asked')).toHaveLength(1);
  });

  it('is given to a board that was flashed anew by a person alone, whatever the claim says', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim({ count: 5, rule: 'auto' });
    await served.device('truck-7', { serial: 'SN 1' }).enrol(claim);
    const anew = served.device('truck-7', { serial: 'SN 1' });
    expect((await anew.ask(claim)).kind).toBe('pending');
    const { enrolments } = served.controller.enrolment;
    await enrolments.approve(admin, enrolments.list().enrolments[0]?.id ?? '');
    expect((await anew.ask(claim)).kind).toBe('issued');
  });

  it('of a device that the fleet knows without a certificate is given by a person alone', async () => {
    const served = await EnrollingController.open();
    served.controller.registry.ensure('old-7');
    const { claim } = await served.claim();
    expect((await served.device('old-7').ask(claim)).kind).toBe('pending');
  });

  it('cannot be changed at a renewal', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim({ count: 2 });
    const thief = served.device('truck-8');
    const identity = await thief.enrol(claim);
    await served.device('truck-7').enrol(claim);
    await expect(thief.renew(identity, 'truck-7')).rejects.toMatchObject({ code: 'device-name-taken' });
    expect(certificatesOf(served)).toHaveLength(2);
  });
});

describe('A certificate', () => {
  it('is renewed for whoever shows it, also late after a month, and not after longer than the rule says', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim({ count: 2 });
    const [early, late] = [served.device('early'), served.device('late')];
    const first = await early.enrol(claim);
    const second = await late.enrol(claim);
    served.clock.shiftMs = 70 * day;
    const renewed = await early.renew(first);
    expect(renewed.notAfterMs - first.notAfterMs).toBeGreaterThan(69 * day);
    served.clock.shiftMs = 120 * day;
    // Its certificate ended a month ago: it opens nothing any more but its own renewal.
    await expect(late.server.membership(second)).rejects.toMatchObject({ code: 'certificate-refused' });
    expect((await late.renew(second)).notAfterMs).toBeGreaterThan(served.clock.wallMs() + 89 * day);
    served.clock.shiftMs = (90 + 61) * day;
    await expect(late.renew(second)).rejects.toMatchObject({ code: 'certificate-too-old' });
  });

  it('that was revoked opens nothing from that moment on: no membership, no model, no renewal', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    const device = served.device('truck-7');
    const identity = await device.enrol(claim);
    const { revocations } = served.controller.enrolment;
    expect(await revocations.revoke(admin, 'truck-7', { reason: 'stolen' })).toEqual({
      revoked: 1,
      broker: 'told',
    });
    await expect(device.server.membership(identity)).rejects.toMatchObject({ code: 'certificate-refused' });
    await expect(device.renew(identity)).rejects.toMatchObject({ code: 'certificate-revoked' });
    const { cert, key } = await keyOf(device, identity);
    const file = await post(served, `/v2/street/blobs/sha256:${'0'.repeat(64)}`, {
      identity: { cert, key },
    });
    expect(file.status).toBe(401);
    expect(served.lists.at(-1)).toContain('BEGIN X509 CRL');
    expect(served.disconnected).toContain('truck-7');
    // The same key gets nothing more, with whatever claim.
    const { claim: other } = await served.claim();
    await expect(device.ask(other)).rejects.toMatchObject({ code: 'key-revoked' });
  });

  it('of another authority names no device, and neither does a missing one', async () => {
    const served = await EnrollingController.open();
    const strange = await EnrollingController.open();
    const { claim } = await strange.claim();
    const device = strange.device('truck-7');
    const identity = await device.enrol(claim);
    const { csr } = await device.request();
    const shown = await keyOf(device, identity);
    for (const one of [shown, undefined]) {
      const answer = await post(served, '/.well-known/est/simplereenroll', {
        body: base64(csr),
        ...(one === undefined ? {} : { identity: one }),
      });
      expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('certificate-unknown')]);
    }
  });

  it('says that it is renewed on other hardware', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    const board = served.device('truck-7', { hardware: 'a'.repeat(32) });
    const identity = await board.enrol(claim);
    served.controller.registry.ensure('truck-7');
    const { csr } = await board.request();
    await board.server.renew(identity, { csr, facts: { ...facts, hardware: 'b'.repeat(32) } });
    await expect.poll(() => served.events('device.hardware-changed')).toHaveLength(1);
  });
});

describe('A device', () => {
  it('tells its claim to nobody but the controller whose root the claim names', async () => {
    const served = await EnrollingController.open();
    const impostor = await EnrollingController.open();
    const { claim } = await served.claim();
    const device = served.device('truck-7');
    const trusting = { ...claim, host: `127.0.0.1:${impostor.port}` };
    await expect(device.ask(trusting)).rejects.toMatchObject({ code: 'server-not-trusted' });
    expect(JSON.stringify(impostor.log.lines)).not.toContain('refused');
  });

  it('tells its claim to nobody who shows the right root and has no certificate of it', async () => {
    const served = await EnrollingController.open();
    const stranger = await EnrollingController.open();
    const { claim } = await served.claim();
    // The root is no secret: whoever stands between can hand it on.
    const { cert, key } = await issueOwn(stranger.authority, {
      ...{ use: 'server', name: 'localhost', hosts: ['127.0.0.1'], nowMs: Date.now(), days: 1 },
    });
    const heard: string[] = [];
    const between = createServer({ cert, key }, (request, response) => {
      heard.push(`${request.url} ${request.headers.authorization ?? ''}`);
      response.end(base64(served.authority.certsOnly(served.authority.chain)));
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void between.close());
    const { port } = between.address() as AddressInfo;
    const device = served.device('truck-7');
    await expect(device.ask({ ...claim, host: `127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'server-not-trusted',
    });
    expect(heard).toEqual(['/.well-known/est/cacerts ']);
  });

  it('whose clock says 1970 is enrolled: certificates under the root give a lower bound of the time', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    const device = served.device('truck-7');
    const real = served.clock;
    // Only the device's clock is wrong.
    const server = new (
      device.server.constructor as typeof import('../../src/adapters/est/index.ts').EstServer
    )({
      clock: Object.assign(Object.create(real), { wallMs: () => 0 }),
      certificatesFrom: (await import('../../src/adapters/x509/index.ts')).certificatesFrom,
      key: () => device.keys.ensure(),
    });
    const answer = await server.enrol(claim, await device.request());
    expect(answer).toMatchObject({ kind: 'issued' });
    if (answer.kind === 'issued')
      expect(Math.abs((answer.serverTimeMs ?? 0) - Date.now())).toBeLessThan(600_000);
  });

  it('hides its key from other users of the machine', async () => {
    const served = await EnrollingController.open();
    const device = served.device('truck-7');
    await device.keys.ensure();
    expect(statSync(device.keyFile).mode & 0o777).toBe(0o600);
    // And where somebody opened it, it is closed again before it is used.
    chmodSync(device.keyFile, 0o644);
    await device.request();
    expect(statSync(device.keyFile).mode & 0o777).toBe(0o600);
  });
});
