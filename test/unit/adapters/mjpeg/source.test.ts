import { createHash } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { authorizationFor } from '../../../../src/adapters/mjpeg/authorization.ts';
import { MjpegFrameSource } from '../../../../src/adapters/mjpeg/index.ts';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import type { GoshawkError } from '../../../../src/base/index.ts';
import { HttpCamera, jpegHead } from '../../../fixtures/cameras/http-camera.ts';
import { NotingReceiver } from '../replay/receiver.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function cameraOf(type?: string): Promise<HttpCamera> {
  const camera = await new HttpCamera(type).start();
  opened.push(camera);
  return camera;
}

function sourceOf(address: string, credentials = ''): MjpegFrameSource {
  const url = new URL(address.replace('://', `://${credentials}`));
  const source = new MjpegFrameSource({ camera: 'front', clock: new SystemClock(), url, where: address });
  opened.push(source);
  return source;
}

class Losses extends NotingReceiver {
  readonly losses: GoshawkError[] = [];
  lost(error: GoshawkError): void {
    this.losses.push(error);
  }
}
const until = async (done: () => boolean) => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 2));
};

describe('An MJPEG camera', () => {
  it('gives its pictures as they are, with their size and the time that the camera says', async () => {
    const camera = await cameraOf();
    const source = sourceOf(camera.url);
    const receiver = new Losses();
    await source.open(receiver);
    for (const [i, width] of [640, 640, 320].entries()) {
      const bytes = jpegHead(width, 481, i);
      camera.picture(bytes, { 'content-length': `${bytes.length}`, 'X-Timestamp': `${1000 + i}.5` });
    }
    await until(() => receiver.frames.length === 3);
    expect(receiver.frames.map(({ width, height, encoding }) => [width, height, encoding])).toEqual([
      [640, 481, 'jpeg'],
      [640, 481, 'jpeg'],
      [320, 481, 'jpeg'],
    ]);
    expect(source.inputCounts()).toMatchObject({ decodeErrors: 0 });
    expect(source.inputCounts().bytes).toBeGreaterThan(60);
  });

  it('is unreachable where it changes the protocol in place of an answer', async () => {
    const server = createServer((socket) => {
      socket.once('data', () =>
        socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
    const { port } = server.address() as AddressInfo;
    const opening = sourceOf(`http://127.0.0.1:${port}/video`).open(new Losses());
    await expect(opening).rejects.toMatchObject({ code: 'camera-unreachable' });
  });

  it('tells when the connection breaks, once', async () => {
    const camera = await cameraOf();
    const receiver = new Losses();
    await sourceOf(camera.url).open(receiver);
    camera.cut();
    await until(() => receiver.losses.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(receiver.losses.map(({ code }) => code)).toEqual(['camera-lost']);
  });

  it('tells a picture that is none and goes on, and ends at one of a size that no camera has', async () => {
    const camera = await cameraOf();
    const receiver = new Losses();
    await sourceOf(camera.url).open(receiver);
    camera.picture(Uint8Array.of(1, 2, 3));
    camera.picture(jpegHead(64, 48));
    await until(() => receiver.frames.length === 1);
    expect(receiver.faults.map(({ code }) => code)).toEqual(['mjpeg-picture']);
    camera.picture(jpegHead(60_000, 60_000));
    await until(() => receiver.losses.length > 0);
    expect(receiver.losses[0]?.code).toBe('camera-picture-size');
  });

  it.each([
    ['a wrong path', 404, '', 'camera-path'],
    ['no password', 401, '', 'camera-refused'],
    ['a wrong password', 401, 'ann:secret1@', 'camera-refused'],
    ['no right', 403, 'ann:secret1@', 'camera-refused'],
    ['an answer that leads elsewhere', 302, '', 'camera-path'],
    ['a server that is not ready', 503, '', 'camera-lost'],
  ])('refuses %s in words that hold no secret', async (_what, status, credentials, code) => {
    const camera = await cameraOf();
    camera.refuse = () => status;
    camera.challenge = 'Basic realm="camera"';
    const error = await sourceOf(camera.url, credentials)
      .open(new NotingReceiver())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error) + (error as GoshawkError).explain()).not.toContain('secret1');
  });

  it('refuses other contents than a stream of pictures, and names them', async () => {
    const camera = await cameraOf('text/html');
    await expect(sourceOf(camera.url).open(new NotingReceiver())).rejects.toThrow(/text\/html/);
  });

  it.each([
    ['Basic realm="x"', /^Basic /],
    ['Digest realm="x", nonce="n", qop="auth"', /^Digest .*response="[0-9a-f]{32}"/],
  ])('answers a challenge: %s', async (challenge, header) => {
    const camera = await cameraOf();
    camera.challenge = challenge;
    let heard: string | undefined;
    camera.refuse = (_path, authorization) => {
      heard = authorization;
      return authorization === undefined ? 401 : undefined;
    };
    await sourceOf(camera.url, 'ann:p%40ss@').open(new NotingReceiver());
    expect(heard).toMatch(header);
  });
});

describe('The answer to a challenge', () => {
  const request = { method: 'GET', path: '/dir/index.html', user: 'Mufasa', password: 'Circle of Life' };
  const realm = 'realm="http-auth@example.org"';
  const nonce = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"';

  it.each([
    ['MD5', 'md5'],
    ['SHA-256', 'sha256'],
  ])('is that of RFC 7616 with %s', (algorithm, name) => {
    const header = authorizationFor(
      `Digest ${realm}, qop="auth, auth-int", algorithm=${algorithm}, ${nonce}, opaque="o"`,
      request,
    );
    const hash = (text: string) => createHash(name).update(text).digest('hex');
    const own = /cnonce="([^"]+)"/.exec(header ?? '')?.[1];
    const a1 = hash('Mufasa:http-auth@example.org:Circle of Life');
    const a2 = hash('GET:/dir/index.html');
    const expected = hash(`${a1}:7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v:00000001:${own}:auth:${a2}`);
    expect(header).toContain(`response="${expected}"`);
    expect(header).toContain('opaque="o"');
  });

  it('is none for a way that is not known', () => {
    expect(authorizationFor('Negotiate', request)).toBeUndefined();
    expect(authorizationFor('Digest realm="x", nonce="n", algorithm=SHA-512-256', request)).toBeUndefined();
  });
});
