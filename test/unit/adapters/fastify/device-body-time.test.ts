import { connect } from 'node:tls';
import { beforeEach, expect, test } from 'vitest';
import { largestOfferHeader, offerHeader } from '../../../../src/model/index.ts';
import { EnrollingController } from '../../../fixtures/enrolling-controller.ts';

let served: EnrollingController;
beforeEach(async () => {
  served = await EnrollingController.open({ engines: true, bodyMs: 200 });
});

/** What comes back on a connection without a certificate for a body that never ends; the connection ends with it or `until`. */
function speak(head: string, until: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ port: served.port, host: '127.0.0.1', rejectUnauthorized: false }, () =>
      socket.write(`${head}\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 500\r\n\r\n1`),
    );
    socket.on('data', (data) => {
      heard += data.toString();
      if (until.test(heard)) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
  });
}
const digest = `sha256:${'a'.repeat(64)}`;

test.each([
  ['PUT', '/engines/a/b'],
  ['POST', `/engines/${digest}`],
  ['PUT', '/elsewhere'],
])('%s %s, which is no plan, has the time of every body', async (method, path) => {
  const heard = await speak(`${method} ${path} HTTP/1.1`, /request-slow|route-unknown/);
  expect(heard).toMatch(/request-slow/);
});

test('who shows no certificate hears so before the body has come', async () => {
  expect(await speak(`PUT /engines/${digest} HTTP/1.1`, /certificate-refused/)).toMatch(
    /certificate-refused/,
  );
});

test('the longest offer fits the headers of a request', async () => {
  const offer = `${offerHeader}: ${'a'.repeat(largestOfferHeader)}`;
  const heard = await speak(`PUT /engines/${digest} HTTP/1.1\r\n${offer}`, /certificate-refused/);
  expect(heard).toMatch(/certificate-refused/);
});
