import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { basicOf, RegistryClient, UploadFolder } from '../../../../src/adapters/oci/index.ts';
import { digestOf } from '../../../../src/platform/index.ts';
import { FastClock } from '../../../fakes/fast-clock.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly body: Buffer;
}

/** A registry that does what a test says, and remembers what it was asked. */
async function registry(answer: (seen: Seen, response: ServerResponse, count: number) => void) {
  const seen: Seen[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    // What is sent to somebody who hangs up in the middle never ends.
    for await (const chunk of request.on('error', () => undefined)) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const range = headers.range ?? headers['content-range'];
    const one = { method, url, authorization: headers.authorization, range, body: Buffer.concat(chunks) };
    seen.push(one);
    answer(one, response, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new RegistryClient({
    ...{ url: `http://${host}`, tokenServer: 'domain', answerMs: 5_000 },
    patience: { tries: 3, clock: new FastClock(1000) },
    authorization: basicOf({ user: 'ann', password: 'secret' }),
  });
  return { client, seen, host };
}

const bytes = Buffer.from('0123456789');
const digest = digestOf(bytes);
const wanted = { digest, size: bytes.length };
const target = () => join(temporaryFolder(), 'blob');

describe('A faulty registry', () => {
  it.each([
    ['500', (response: ServerResponse) => response.writeHead(500).end(), 'registry-busy', 3],
    [
      '429',
      (response: ServerResponse) => response.writeHead(429, { 'retry-after': '1' }).end(),
      'registry-busy',
      3,
    ],
    [
      '429 for a day',
      (response: ServerResponse) => response.writeHead(429, { 'retry-after': '86400' }).end(),
      'registry-busy',
      1,
    ],
    ['404', (response: ServerResponse) => response.writeHead(404).end(), 'registry-missing', 1],
    [
      '403',
      (response: ServerResponse) => response.writeHead(403).end('<html>no</html>'),
      'registry-refused',
      1,
    ],
    ['418', (response: ServerResponse) => response.writeHead(418).end(), 'registry-answer', 1],
  ])(
    'answers %s: it is asked as often as makes sense, and the error says what is wrong',
    async (_, answer, code, times) => {
      const { client, seen } = await registry((_seen, response) => answer(response));
      await expect(client.blob('street', digest, 10)).rejects.toMatchObject({ code });
      expect(seen).toHaveLength(times);
    },
  );

  it('answers with a page where a manifest should be', async () => {
    const { client } = await registry((_seen, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>'),
    );
    await expect(client.manifest('street', '1')).rejects.toMatchObject({ code: 'registry-page' });
  });

  it('sends the wrong blob: it is not kept', async () => {
    const { client } = await registry((_seen, response) => response.writeHead(200).end('9876543210'));
    const file = target();
    await expect(client.pull('street', wanted, file)).rejects.toMatchObject({ code: 'registry-digest' });
    expect(readFileSync(file, 'utf8')).toBe('');
    await expect(client.blob('street', digest, 10)).rejects.toMatchObject({ code: 'registry-digest' });
  });

  it('sends another manifest than the one that its digest names', async () => {
    const { client } = await registry((_seen, response) => response.writeHead(200).end('{}'));
    await expect(client.manifest('street', digest)).rejects.toMatchObject({ code: 'registry-digest' });
    await expect(client.manifest('street', '1.0.0')).resolves.toBeDefined();
  });

  it('sends half a blob: the rest is requested, and the whole is right', async () => {
    const { client, seen } = await registry(({ range }, response) => {
      if (range === undefined) {
        response.writeHead(200).end('01234');
      } else response.writeHead(206).end('56789');
    });
    const file = target();
    await client.pull('street', wanted, file);
    expect(readFileSync(file, 'utf8')).toBe('0123456789');
    expect(seen.map(({ range }) => range)).toEqual([undefined, 'bytes=5-']);
  });

  it('sends without an end: the client leaves at the first byte too many', async () => {
    const { client } = await registry((_seen, response) => {
      response.writeHead(200);
      const pump = () => response.write('x'.repeat(1000), () => response.destroyed || pump());
      pump();
    });
    await expect(client.pull('street', wanted, target())).rejects.toMatchObject({
      code: 'registry-too-long',
    });
    await expect(client.manifest('street', '1')).rejects.toMatchObject({ code: 'registry-too-long' });
  });

  it('sends nothing: it is given up', async () => {
    const { host } = await registry((_seen, response) =>
      response.writeHead(200, { 'content-length': '10' }).write('0'),
    );
    const client = new RegistryClient({
      url: `http://${host}`,
    });
    // Long enough for the head of the answer on a busy machine.
    const silenceMs = 1_500;
    await expect(client.pull('street', wanted, target(), { silenceMs })).rejects.toMatchObject({
      code: 'registry-silent',
    });
  });
});

describe('A client with a password for a registry', () => {
  const challenge = (realm: string) => ({ 'www-authenticate': `Bearer realm="${realm}",service="s"` });

  it('gets a token for its request with the password', async () => {
    const { client, seen, host } = await registry(({ url, authorization }, response) => {
      if (url.startsWith('/token')) response.end('{"token":"t1"}');
      else if (authorization === 'Bearer t1') response.end(bytes);
      else response.writeHead(401, challenge(`http://${host}/token`)).end();
    });
    await client.blob('street', digest, 10);
    await client.blob('street', digest, 10);
    expect(seen.map(({ url, authorization }) => [url.replace(/\?.*/, ''), authorization])).toEqual([
      [`/v2/street/blobs/${digest}`, undefined],
      ['/token', `Basic ${Buffer.from('ann:secret').toString('base64')}`],
      [`/v2/street/blobs/${digest}`, 'Bearer t1'],
      [`/v2/street/blobs/${digest}`, 'Bearer t1'],
    ]);
    expect(seen[1]?.url).toContain('scope=repository%3Astreet%3Apull');
  });

  it.each([
    'http://127.0.0.1:1/token',
    'http://evil.example/token',
    'https://evil.example/token',
    'file:///etc/passwd',
    '',
  ])('does not send it to %s, although the registry asks for that', async (realm) => {
    const { client } = await registry((_seen, response) => response.writeHead(401, challenge(realm)).end());
    const code = realm === '' ? expect.stringMatching(/^registry-/) : 'registry-realm';
    await expect(client.blob('street', digest, 10)).rejects.toMatchObject({ code });
  });

  it('does not send it to another host after a redirect', async () => {
    const other = await registry((_seen, response) => response.end(bytes));
    const { client, seen } = await registry(({ authorization }, response) => {
      if (authorization === undefined)
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(307, { location: `http://${other.host}/blob` }).end();
    });
    expect(Buffer.from(await client.blob('street', digest, 10))).toEqual(bytes);
    expect(seen[1]?.authorization).toMatch(/^Basic /);
    expect(other.seen).toMatchObject([{ url: '/blob', authorization: undefined }]);
  });

  it('stops reading a token without an end', async () => {
    const { client, host } = await registry(({ url }, response) => {
      if (!url.startsWith('/token'))
        return void response.writeHead(401, challenge(`http://${host}/token`)).end();
      response.writeHead(200).end(JSON.stringify({ token: 't', padding: 'x'.repeat(100_000) }));
    });
    await expect(client.manifest('street', '1')).rejects.toMatchObject({ code: 'registry-too-long' });
  });

  it('sends it only once to a registry that always refuses', async () => {
    const { client, seen } = await registry((_seen, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
    );
    await expect(client.blob('street', digest, 10)).rejects.toMatchObject({ code: 'registry-refused' });
    expect(seen).toHaveLength(2);
  });

  it('sends no bytes to another host than the registry', async () => {
    const { client } = await registry((_seen, response) =>
      response.writeHead(202, { location: 'http://evil.example/upload' }).end(),
    );
    await expect(client.pushBlob('street', { ...wanted, from: bytes })).rejects.toMatchObject({
      code: 'registry-location',
    });
  });

  it('follows a circle of redirects only a few times', async () => {
    const { client, seen } = await registry((_seen, response) =>
      response.writeHead(302, { location: '/again' }).end(),
    );
    await expect(client.blob('street', digest, 10)).rejects.toMatchObject({ code: 'registry-redirect' });
    expect(seen).toHaveLength(6);
  });
});

it('A large blob whose connection breaks goes on where the registry has it', async () => {
  const large = Buffer.alloc(3_000_000, 'goshawk');
  const file = join(temporaryFolder(), 'large');
  writeFileSync(file, large);
  let have = Buffer.alloc(0);
  const { client, seen } = await registry(({ method, url, body }, response, count) => {
    if (method === 'POST') response.writeHead(202, { location: '/v2/street/blobs/uploads/1?state=a' }).end();
    else if (method === 'PATCH' && count === 2) {
      have = large.subarray(0, 1_000_001);
      response.destroy();
    } else if (method === 'GET') response.writeHead(204, { range: `0-${have.length - 1}` }).end();
    else if (method === 'PATCH') {
      have = Buffer.concat([have, body]);
      response.writeHead(202, { location: url, range: `0-${have.length - 1}` }).end();
    } else response.writeHead(201).end();
  });
  await client.pushBlob('street', { digest: digestOf(large), size: large.length, from: { file } });
  expect(have.equals(large)).toBe(true);
  expect(seen.map(({ method, range }) => [method, range])).toEqual([
    ['POST', undefined],
    ['PATCH', `0-${large.length - 1}`],
    ['GET', undefined],
    ['PATCH', `1000001-${large.length - 1}`],
    ['PUT', undefined],
  ]);
  expect(seen.at(-1)?.url).toBe(
    `/v2/street/blobs/uploads/1?state=a&digest=${encodeURIComponent(digestOf(large))}`,
  );
});

it('A large blob whose upload the registry gives up when the connection breaks is sent anew', async () => {
  const large = Buffer.alloc(3_000_000, 'goshawk');
  const file = join(temporaryFolder(), 'large');
  writeFileSync(file, large);
  let begun = 0;
  let came = 0;
  const { client, seen } = await registry(({ method, url, body }, response) => {
    if (method === 'POST') {
      begun += 1;
      response.writeHead(202, { location: `/v2/street/blobs/uploads/${begun}` }).end();
    } else if (method === 'PATCH' && begun === 1) response.destroy();
    else if (method === 'GET') response.writeHead(404).end();
    else if (method === 'PATCH') {
      came = body.length;
      response.writeHead(202, { location: url }).end();
    } else response.writeHead(201).end();
  });
  await client.pushBlob('street', { digest: digestOf(large), size: large.length, from: { file } });
  expect(came).toBe(large.length);
  expect(seen.map(({ method, url }) => `${method} ${url?.replace(/\?.*$/, '')}`)).toEqual([
    'POST /v2/street/blobs/uploads/',
    'PATCH /v2/street/blobs/uploads/1',
    'GET /v2/street/blobs/uploads/1',
    'POST /v2/street/blobs/uploads/',
    'PATCH /v2/street/blobs/uploads/2',
    'PUT /v2/street/blobs/uploads/2',
  ]);
});

describe('A push that was ended', () => {
  const large = Buffer.alloc(3_000_000, 'goshawk');
  const blob = () => {
    const file = join(temporaryFolder(), 'large');
    writeFileSync(file, large);
    return { digest: digestOf(large), size: large.length, from: { file } };
  };

  /** A registry that has the first million bytes when the connection of the first PATCH breaks. */
  async function pushedTwice(status: (url: string, have: number, response: ServerResponse) => void) {
    let have = 0;
    let patches = 0;
    let begun = 0;
    const { seen, host } = await registry(({ method, url, body }, response) => {
      if (method === 'POST')
        response.writeHead(202, { location: `/v2/street/blobs/uploads/${++begun}?state=a` }).end();
      else if (method === 'PATCH' && ++patches === 1) {
        have = 1_000_001;
        response.destroy();
      } else if (method === 'GET') status(url, have, response);
      else if (method === 'PATCH') {
        have += body.length;
        response.writeHead(202, { location: url }).end();
      } else response.writeHead(201).end();
    });
    const folder = temporaryFolder();
    const client = (tries: number) =>
      new RegistryClient({
        ...{ url: `http://${host}`, patience: { tries, clock: new FastClock(1000) } },
        uploads: new UploadFolder(folder),
      });
    const one = blob();
    await expect(client(1).pushBlob('street', one)).rejects.toThrow();
    seen.length = 0;
    await client(3).pushBlob('street', one);
    const asked = seen.map(({ method, url, range }) => [method, url.split('&')[0], range]);
    return { asked, left: readdirSync(folder) };
  }

  it('goes on in the next one where the registry has it, at the place that it says', async () => {
    const { asked, left } = await pushedTwice((_url, have, response) =>
      response
        .writeHead(204, { range: `0-${have - 1}`, location: '/v2/street/blobs/uploads/1?state=b' })
        .end(),
    );
    expect(asked).toEqual([
      ['GET', '/v2/street/blobs/uploads/1?state=a', undefined],
      ['PATCH', '/v2/street/blobs/uploads/1?state=b', `1000001-${large.length - 1}`],
      ['PUT', '/v2/street/blobs/uploads/1?state=b', undefined],
    ]);
    expect(left).toEqual([]);
  });

  it.each([
    ['knows it no more', (response: ServerResponse) => response.writeHead(404).end()],
    [
      'has more of it than there is',
      (response: ServerResponse) => response.writeHead(204, { range: '0-9999999' }).end(),
    ],
    [
      'sends elsewhere for it',
      (response: ServerResponse) => response.writeHead(204, { location: 'http://attacker.example/' }).end(),
    ],
  ])('begins anew where the registry %s', async (_, answer) => {
    const { asked } = await pushedTwice((_url, _have, response) => answer(response));
    expect(asked.map(([method]) => method)).toEqual(['GET', 'POST', 'PATCH', 'PUT']);
    expect(asked[2]?.[2]).toBe(`0-${large.length - 1}`);
  });

  it('is remembered for this user alone, and not for a file that is no address', async () => {
    const folder = join(temporaryFolder(), 'uploads');
    const memory = new UploadFolder(folder);
    await memory.keep('a', 'http://registry.example/v2/a/blobs/uploads/1');
    const [name = ''] = readdirSync(folder);
    expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    expect(await memory.find('a')).toBe('http://registry.example/v2/a/blobs/uploads/1');
    writeFileSync(join(folder, name), 'torn');
    expect(await memory.find('a')).toBeUndefined();
    expect(await memory.find('b')).toBeUndefined();
    await memory.keep('c', `http://registry.example/${'x'.repeat(9_000)}`);
    expect(readdirSync(folder)).toHaveLength(1);
  });
});
