import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packFiles } from '../../../../deploy/checkout/packed-files.mjs';
import { encodingFor } from '../../../../src/adapters/fastify/compression.ts';
import { Served } from './serve.ts';

const page = `<!doctype html><title>Goshawk</title>${'<p>long</p>'.repeat(400)}`;
let served: Served;
let plain: Served;
beforeAll(async () => {
  plain = await Served.open();
  const folder = join(plain.folder, 'dashboard');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.html'), page);
  writeFileSync(join(folder, 'app.js'), `export const text = '${'x'.repeat(5_000)}';`);
  packFiles(folder);
  served = await Served.open({ dashboard: folder });
});
afterAll(async () => {
  await served.close();
  await plain.close();
});

interface Got {
  readonly encoding: string | undefined;
  readonly vary: string | undefined;
  readonly bytes: Buffer;
}

/** As it comes over the wire: fetch would unpack it. */
const get = (path: string, accept: string) =>
  new Promise<Got>((resolve, reject) => {
    const headers = { authorization: `Bearer ${served.tokens.admin}`, 'accept-encoding': accept };
    request(`${served.url}${path}`, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          ...{ encoding: response.headers['content-encoding'], vary: response.headers.vary },
          bytes: Buffer.concat(chunks),
        }),
      );
    })
      .on('error', reject)
      .end();
  });

describe('Answers', () => {
  it.each([
    ['br, gzip', 'br'],
    ['gzip, deflate', 'gzip'],
    ['BR;q=0, gzip;q=0.5', 'gzip'],
    ['gzip;q=0', undefined],
    ['identity', undefined],
    [undefined, undefined],
  ])('to "%s" are packed by %s', (accepted, encoding) => expect(encodingFor(accepted)).toBe(encoding));

  it('of the API are packed, and are the same', async () => {
    const bare = await get('/api/v1/openapi.json', 'identity');
    const br = await get('/api/v1/openapi.json', 'gzip, br');
    const gz = await get('/api/v1/openapi.json', 'gzip');
    expect(bare).toMatchObject({ encoding: undefined, vary: 'accept-encoding' });
    expect([br.encoding, gz.encoding]).toEqual(['br', 'gzip']);
    expect(brotliDecompressSync(br.bytes).equals(bare.bytes)).toBe(true);
    expect(gunzipSync(gz.bytes).equals(bare.bytes)).toBe(true);
    expect(br.bytes.length).toBeLessThan(bare.bytes.length / 4);
  });

  it('that are short, or to a command, go out as they are', async () => {
    expect((await get('/healthz', 'br')).encoding).toBeUndefined();
    const answer = await served.json('POST', '/tokens', 'admin', { name: 'x'.repeat(60), role: 'viewer' });
    expect(answer.status).toBe(201);
  });

  it('for Prometheus are packed', async () => {
    const { encoding, bytes } = await get('/metrics', 'gzip');
    expect(encoding).toBe('gzip');
    expect(gunzipSync(bytes).toString()).toContain('goshawk_build_info');
  });

  it('beyond what is packed at the same time go out as they are, at once', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => get('/api/v1/openapi.json', 'br')));
    const texts = all.map(({ encoding, bytes }) => (encoding === 'br' ? brotliDecompressSync(bytes) : bytes));
    expect(new Set(texts.map((text) => text.toString())).size).toBe(1);
  });
});

describe('Files of the dashboard', () => {
  it('go out as they were packed when they were built', async () => {
    const script = await get('/app.js', 'gzip, br');
    expect(script.encoding).toBe('br');
    expect(brotliDecompressSync(script.bytes).toString()).toContain('export const text');
    expect(gunzipSync((await get('/', 'gzip')).bytes).toString()).toBe(page);
    expect((await get('/app.js', 'identity')).encoding).toBeUndefined();
  });
});
