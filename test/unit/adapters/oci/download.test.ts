import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RegistryClient } from '../../../../src/adapters/oci/index.ts';
import { CancelledError, InputError, MissingError, RefusedError } from '../../../../src/base/index.ts';
import { freePort } from '../../../contract/brokers.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const content = Buffer.from('0123456789'.repeat(1000));
const expected = {
  digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  size: content.length,
};
const signal = new AbortController().signal;

/** A server that answers as told; gives the address and what it was asked. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, asked };
}

const download = (
  url: string,
  path: string,
  file: typeof expected,
  options: Parameters<RegistryClient['pull']>[3],
) => new RegistryClient({ url }).pull('street', file, path, options);
const target = () => join(temporaryFolder(), 'file');

describe('download', () => {
  it('fetches a file and says how far it is', async () => {
    const { url } = await serve((_, response) => response.end(content));
    const path = target();
    let last = 0;
    const onBytes = (bytes: number) => {
      last = bytes;
    };
    await download(url, path, expected, { signal, onBytes });
    expect(readFileSync(path)).toEqual(content);
    expect(last).toBe(content.length);
  });

  it('goes on where an earlier try stopped', async () => {
    const { url, asked } = await serve((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]);
      response.writeHead(206).end(content.subarray(from));
    });
    const path = target();
    writeFileSync(path, content.subarray(0, 4321));
    await download(url, path, expected, { signal });
    expect(asked[0]?.range).toBe('bytes=4321-');
    expect(readFileSync(path)).toEqual(content);
  });

  it('starts over if the server cannot resume', async () => {
    const { url } = await serve((_, response) => response.end(content));
    const path = target();
    writeFileSync(path, content.subarray(0, 4321));
    await download(url, path, expected, { signal });
    expect(readFileSync(path)).toEqual(content);
  });

  it('asks nothing for a file that is there', async () => {
    const { url, asked } = await serve((_, response) => response.end(content));
    const path = target();
    writeFileSync(path, content);
    await download(url, path, expected, { signal });
    expect(asked).toEqual([]);
  });

  it('does not keep a file that is not what was promised', async () => {
    const { url } = await serve((_, response) => response.end(Buffer.alloc(content.length, 1)));
    const path = target();
    const failed = download(url, path, expected, { signal });
    await expect(failed).rejects.toMatchObject({ code: 'registry-digest' });
    expect(readFileSync(path)).toHaveLength(0);
  });

  it('takes no more than was promised', async () => {
    const { url } = await serve((_, response) => response.end(Buffer.concat([content, content])));
    const failed = download(url, target(), expected, { signal });
    await expect(failed).rejects.toMatchObject({ code: 'registry-too-long' });
  });

  it('keeps what came when the server ends early, and says so', async () => {
    const { url } = await serve((_, response) => response.end(content.subarray(0, 1000)));
    const path = target();
    await expect(download(url, path, expected, { signal })).rejects.toMatchObject({
      code: 'registry-broken',
    });
    expect(readFileSync(path)).toHaveLength(1000);
  });

  it('gives up on a server that drips: less than 6,000 bytes in a minute', async () => {
    const { url } = await serve((_, response) => {
      const drip = setInterval(() => response.write('0123456789'), 20);
      response.on('close', () => clearInterval(drip));
    });
    // Each look at the clock is half a minute later.
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 30_000));
    onTestFinished(() => clock.mockRestore());
    await expect(download(url, target(), expected, { signal })).rejects.toMatchObject({
      code: 'registry-slow',
    });
  });

  it('takes no web page for a file, though it has the length', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(content);
    });
    await expect(download(url, target(), expected, { signal })).rejects.toMatchObject({
      code: 'registry-page',
    });
  });

  it('gives up on a server that falls silent', async () => {
    const { url } = await serve((_, response) => response.write(content.subarray(0, 10)));
    const failed = download(url, target(), expected, { signal, silenceMs: 50 });
    await expect(failed).rejects.toMatchObject({ code: 'registry-silent' });
  });

  it('stops when it is not wanted any more', async () => {
    const { url } = await serve((_, response) => response.write(content.subarray(0, 10)));
    const abort = new AbortController();
    const failed = download(url, target(), expected, { signal: abort.signal, onBytes: () => abort.abort() });
    await expect(failed).rejects.toBeInstanceOf(CancelledError);
  });

  it.each([
    [401, RefusedError, 'registry-refused'],
    [403, RefusedError, 'registry-refused'],
    [404, InputError, 'registry-missing'],
    [429, MissingError, 'registry-busy'],
    [503, MissingError, 'registry-busy'],
  ] as const)(
    'answers %i with an error whose kind says whether asking again helps',
    async (status, kind, code) => {
      const { url } = await serve((_, response) => response.writeHead(status).end());
      const path = target();
      const error = await download(url, path, expected, { signal }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(kind);
      expect(error).toMatchObject({ code, remedy: expect.stringMatching(/\w/) });
      expect(existsSync(path)).toBe(false);
    },
  );

  it('names the cause when nobody answers', async () => {
    const failed = download(`http://127.0.0.1:${await freePort()}`, target(), expected, { signal });
    await expect(failed).rejects.toMatchObject({
      code: 'registry-unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
