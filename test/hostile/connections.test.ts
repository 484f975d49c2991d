import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { Pkcs10CertificateRequestGenerator } from '../../src/adapters/x509/library.ts';
import { parseClaim } from '../../src/protocol/index.ts';
import { freePort } from '../contract/brokers.ts';
import { AttackedController, all } from './attacked-controller.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

// Anonymous crowds at the ports of the controller: who comes after them is let in, and its health is asked beside them.

let attacked: AttackedController;
let port: number;
const crowd: Socket[] = [];

beforeAll(async () => {
  port = await freePort();
  attacked = await AttackedController.open(1, { devices: { names: ['127.0.0.1'], host: '127.0.0.1', port } });
});
afterAll(() => attacked.close());
afterEach(() => {
  for (const socket of crowd.splice(0)) socket.destroy();
});

/** One that says nothing more after `begin`; whether it is cut is the server's to decide. */
function crowdOf(count: number, begin: () => Socket, opened: 'connect' | 'secureConnect'): Promise<unknown> {
  return all([...Array(count).keys()], 100, async () => {
    const socket = begin();
    crowd.push(socket);
    socket.on('error', () => {});
    await new Promise((resolve) => {
      socket.once(opened, resolve);
      socket.once('close', resolve);
    });
  });
}
const plain = (to: number) => () => connectPlain({ host: '127.0.0.1', port: to });
/** As of another machine: all of 127.0.0.0/8 is this one. */
const secure = (localAddress = '127.0.0.1') =>
  connect({ host: '127.0.0.1', port, rejectUnauthorized: false, localAddress } as ConnectionOptions);

/** Milliseconds of a request on a connection of its own; undefined where it was not answered. */
async function honest(path: string, localAddress: string): Promise<number | undefined> {
  const began = performance.now();
  const socket = secure(localAddress);
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
  return answer.startsWith('HTTP/1.1 200') ? performance.now() - began : undefined;
}

interface Answer {
  readonly status: number;
  readonly ms: number;
}

async function asking(path: string, body: string, claim: string | undefined): Promise<Answer> {
  const began = performance.now();
  const socket = secure();
  crowd.push(socket);
  socket.on('error', () => {});
  const basic =
    claim === undefined ? '' : `authorization: Basic ${Buffer.from(claim).toString('base64')}\r\n`;
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${basic}content-type: application/pkcs10\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
  return { status: Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]), ms: performance.now() - began };
}

async function signingRequest(name: string): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    ...{ name: [{ CN: [name] }], keys, signingAlgorithm: algorithm },
  });
  return Buffer.from(request.rawData).toString('base64');
}
const devices = (count: number, address = '127.0.0.2') =>
  all([...Array(count).keys()], 5, () => honest('/.well-known/est/cacerts', address).catch(() => undefined));
const served = (answers: readonly (number | undefined)[]) =>
  answers.filter((ms) => ms !== undefined).sort((a, b) => a - b);

describe('The port for devices', () => {
  test.each([
    ['that say nothing', () => crowdOf(4_300, plain(port), 'connect')],
    ['that did their handshake and ask nothing', () => crowdOf(4_300, () => secure(), 'secureConnect')],
  ])('lets in 30 of 30 beside 4,300 connections %s, also from where those come', async (_, flood) => {
    await attacked.survives(async () => {
      await flood();
      expect(served(await devices(30))).toHaveLength(30);
      expect(served(await devices(30, '127.0.0.1'))).toHaveLength(30);
    });
  });

  test('lets in who has a claim while a thousand strangers ask for certificates at the same moment', async () => {
    const { claim } = await attacked.fleet.client.call('POST /claims', {
      body: { name: 'hall', count: 100 },
    });
    const { id, secret } = parseClaim(claim);
    const requests = await all([...Array(41).keys()], 4, (at) => signingRequest(`truck-${at}`));
    const enrol = (at: number) =>
      asking('/.well-known/est/simpleenroll', requests[at] ?? '', `${id}:${secret}`);
    const quiet = await all([...Array(20).keys()], 4, enrol);
    // As many as a certificate would let renew: the signature of each request is good.
    const strangers = Array.from({ length: 1_000 }, (_, at) =>
      at % 2 === 0
        ? asking('/.well-known/est/simplereenroll', requests[40] ?? '', undefined)
        : asking('/.well-known/est/simpleenroll', requests[40] ?? '', `${id}:${'A'.repeat(43)}`),
    );
    const { healthMs } = await attacked.survives(async () => {
      const beside = await all([...Array(20).keys()], 4, (at) => enrol(20 + at));
      const middle = (answers: readonly Answer[]) => answers.map(({ ms }) => ms).sort((x, y) => x - y)[10];
      expect(
        [...quiet, ...beside].map(({ status }) => status),
        JSON.stringify({ quietMs: middle(quiet), besideMs: middle(beside) }),
      ).toEqual(Array.from({ length: 40 }, () => 200));
      const refused = await Promise.all(strangers);
      expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([401, 429]));
      process.stdout.write(
        `a certificate after ${Math.round(middle(quiet) ?? 0)} ms alone, ${Math.round(middle(beside) ?? 0)} ms beside them\n`,
      );
    });
    process.stdout.write(`health after at most ${Math.round(healthMs)} ms\n`);
  });
});

describe('The port for people', () => {
  test('answers 33 of 33 beside 2,100 connections that ask nothing', async () => {
    await attacked.survives(async () => {
      await crowdOf(2_100, plain(attacked.fleet.port), 'connect');
      const answers = await all([...Array(33).keys()], 5, () => attacked.ask('GET', '/fleet', 'viewer'));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(33);
    });
  });
});
