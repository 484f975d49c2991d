import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AddressPolicy, HttpAlertChannel, verifySignature } from '../../../src/adapters/webhooks/index.ts';
import { checkSettings } from '../../../src/runtime/settings/read.ts';
import { WebhookStream } from '../../../src/runtime/settings/streams.ts';
import { webhookStream } from '../../../src/runtime/streams/webhook.ts';
import { WebhookOutlet } from '../../../src/streams/index.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { busy, ports, sumOf } from './receivers.ts';

interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Batch {
  readonly id: string;
  readonly device: string;
  readonly stream: string;
  readonly results: readonly { readonly sequence: number }[];
}

async function server(answer: (response: ServerResponse, requests: number) => void) {
  const got: Got[] = [];
  const listening = createServer((request, response) => {
    response.on('error', () => {});
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(response, got.length);
    });
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    listening.close();
    listening.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/secret-path`;
  return { got, url, batches: () => got.map(({ body }) => JSON.parse(body) as Batch) };
}

async function open(url: string, setting: Record<string, unknown> = {}) {
  const with_ = ports();
  const outlet = await webhookStream.open(checkSettings(WebhookStream, { url, ...setting }, 'test'), with_);
  const give = (from: number, to: number) => {
    for (let sequence = from; sequence < to; sequence++) {
      with_.counts.produce();
      outlet.take(busy(sequence));
    }
  };
  return { outlet, give, ...with_ };
}

describe('Results to a webhook', () => {
  it('come in batches, signed as alerts are', async () => {
    const { got, url, batches } = await server((response) => response.writeHead(204).end());
    const secretFile = `${temporaryFolder()}/key`;
    writeFileSync(secretFile, 'the key\n');
    const { outlet, give, counts } = await open(url, { secretFile, batch: 10, everySeconds: 0.05 });
    give(0, 25);
    await expect.poll(() => counts.reading.sent).toBe(25);
    await outlet.close(1_000);
    expect(batches().map(({ results }) => results.length)).toEqual([10, 10, 5]);
    expect(batches()[0]).toMatchObject({ device: 'd1', stream: 'test' });
    expect(batches().flatMap(({ results }) => results.map(({ sequence }) => sequence))).toEqual(
      Array.from({ length: 25 }, (_, i) => i),
    );
    for (const { headers, body } of got) {
      expect(headers['x-goshawk-event']).toBe('results');
      expect(headers['x-goshawk-delivery']).toBe((JSON.parse(body) as Batch).id);
      const signature = String(headers['x-goshawk-signature']);
      expect(verifySignature('the key', body, signature, Date.now())).toBe(true);
      expect(verifySignature('another', body, signature, Date.now())).toBe(false);
    }
  });

  it('come again with the same id after a no for now', async () => {
    const { url, batches } = await server((response, requests) =>
      response.writeHead(requests === 1 ? 503 : 200).end(),
    );
    const { outlet, give, counts } = await open(url, { everySeconds: 0 });
    give(0, 1);
    await expect.poll(() => counts.reading.sent).toBe(1);
    await outlet.close(0);
    const [first, second] = batches();
    expect(second).toEqual(first);
  });

  it('are left out after a no for good; the log has no path, which may be a secret', async () => {
    const { url, got } = await server((response) => response.writeHead(403).end());
    const { outlet, give, counts, log } = await open(url, { everySeconds: 0 });
    give(0, 1);
    await expect.poll(() => counts.reading.leftOut).toEqual({ refused: 1 });
    await outlet.close(0);
    expect(got).toHaveLength(1);
    expect(JSON.stringify(log.lines)).not.toContain('secret-path');
    expect(log.at('warn')).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])(
    'are not sent where a %i leads, as to an address inside',
    async (status) => {
      const inner = await server((response) => response.writeHead(200).end());
      const { url, got } = await server((response) =>
        response.writeHead(status, { location: inner.url }).end(),
      );
      const { outlet, give, counts, log } = await open(url, { everySeconds: 0 });
      give(0, 1);
      await expect.poll(() => counts.reading.leftOut).toEqual({ refused: 1 });
      await outlet.close(0);
      expect([got.length, inner.got.length]).toEqual([1, 0]);
      expect(JSON.stringify(log.at('warn'))).toContain('redirects are not followed');
    },
  );

  it('come again with the same id where a 200 came too late, and count once', async () => {
    let late: ServerResponse | undefined;
    const { url, batches } = await server((response, requests) => {
      if (requests === 1) late = response;
      else {
        late?.writeHead(200).end();
        response.writeHead(200).end();
      }
    });
    const { counts, clock, log } = ports();
    const channel = new HttpAlertChannel({
      policy: new AddressPolicy(['127.0.0.0/8']),
      version: '0',
      timeoutMs: 300,
    });
    const outlet = new WebhookOutlet({
      ...{ stream: 'test', device: 'd1', batch: 10, queue: 100, everySeconds: 0, counts, clock, log },
      ...{ newId: randomUUID, random: Math.random },
      post: (body, id) =>
        channel.deliver(
          { to: url, event: 'results', id, subject: '', body, secret: undefined },
          clock.wallMs(),
        ),
    });
    counts.produce();
    outlet.take(busy(0));
    await expect.poll(() => counts.reading.sent).toBe(1);
    await outlet.close(0);
    const ids = batches().map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(1);
    expect(sumOf(counts)).toBe(1);
  });

  it('need no answer’s body: one that never ends is not read', async () => {
    const { url } = await server((response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const { outlet, give, counts } = await open(url, { everySeconds: 0 });
    give(0, 1);
    await expect.poll(() => counts.reading.sent).toBe(1);
    await outlet.close(0);
  });

  it('wait, a bounded number of them, while a server drips; the end comes in time', async () => {
    // Not even a header.
    const { url } = await server(() => {});
    const { outlet, give, counts } = await open(url, { everySeconds: 0, queue: 50, batch: 10 });
    give(0, 500);
    await outlet.close(100);
    expect(counts.reading).toMatchObject({ produced: 500, sent: 0, waiting: 0 });
    expect(counts.reading.leftOut.slow).toBeGreaterThanOrEqual(439);
    expect(sumOf(counts)).toBe(500);
  });
});
