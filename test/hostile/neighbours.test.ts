import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { digestOf } from '../../src/adapters/filesystem/index.ts';
import { RegistryClient } from '../../src/adapters/oci/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { listen } from '../../src/platform/index.ts';
import { Peers } from '../../src/runtime/device/fetch/peers.ts';
import { admin, EnrollingController } from '../fixtures/enrolling-controller.ts';
import { fleetIdentities } from '../fixtures/fleet-identities.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

vi.setConfig({ testTimeout: 240_000 });

const never = new AbortController().signal;
const content = Buffer.alloc(200_000, 'n');
const wanted = { path: 'fp32.onnx', digest: digestOf(content), size: content.length };

/** A device that was broken into: it has its certificate, and answers whatever it likes. Gives how often it was asked. */
async function poisoner(answer: (response: ServerResponse) => void) {
  const issue = await fleetIdentities();
  const [one, other] = [await issue('cam-1'), await issue('cam-2')];
  const asked = { times: 0 };
  const server = createServer({ ...one, requestCert: true }, (_request, response) => {
    asked.times += 1;
    answer(response);
  });
  const port = await listen(server, 0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const client = new RegistryClient({
    ...{ url: `https://127.0.0.1:${port}`, identity: () => other, peer: true, answerMs: 5_000 },
  });
  return { peers: new Peers([client], { log: silentLog, nowMs: () => 0 }), asked };
}

describe('A neighbour that poisons', () => {
  const answers: readonly [title: string, answer: (response: ServerResponse) => void][] = [
    ['gives other bytes of the right length', (response) => response.end(Buffer.alloc(content.length, 'x'))],
    ['gives the right bytes and more', (response) => response.end(Buffer.concat([content, content]))],
    ['gives half', (response) => response.end(content.subarray(0, 100_000))],
    [
      'sends without an end',
      (response) => {
        const timer = setInterval(() => response.write(Buffer.alloc(65_536)), 1);
        response.on('close', () => clearInterval(timer));
      },
    ],
    [
      'drips',
      (response) => {
        response.writeHead(200, { 'content-length': content.length });
        const timer = setInterval(() => response.write('n'), 200);
        response.on('close', () => clearInterval(timer));
      },
    ],
    [
      'sends elsewhere',
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/other' }).end(),
    ],
    ['says nothing', () => {}],
    ['gives a page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
  ];
  test.each(answers)('and %s leaves nothing behind, and is not asked a second time', async (_, answer) => {
    const { peers, asked } = await poisoner(answer);
    const folder = temporaryFolder();
    const target = join(folder, 'file');
    expect(await peers.fetch(wanted, target, { signal: never, onBytes: () => {} })).toBe(false);
    const first = asked.times;
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    expect(await peers.fetch(wanted, target, { signal: never, onBytes: () => {} })).toBe(false);
    expect(asked.times).toBe(first);
  });
});

describe('A neighbour that was stolen and revoked', () => {
  test('is reported by the controller to devices before they fetch from it, and not to strangers', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim({ count: 2 });
    const [honest, thief] = [served.device('cam-1'), served.device('cam-2')];
    const [mine, stolen] = [await honest.enrol(claim), await thief.enrol(claim)];
    const fingerprint = new X509Certificate(stolen.certificate).fingerprint256
      .replaceAll(':', '')
      .toLowerCase();
    expect(await honest.server.isGood(mine, fingerprint)).toBe(true);
    expect(await honest.server.isGood(mine, 'f'.repeat(64))).toBe(false);
    await served.controller.enrolment.revocations.revoke(admin, 'cam-2', { reason: 'stolen' });
    expect(await honest.server.isGood(mine, fingerprint)).toBe(false);
    await expect(thief.server.isGood(stolen, fingerprint)).rejects.toMatchObject({
      code: 'certificate-refused',
    });
  });
});
