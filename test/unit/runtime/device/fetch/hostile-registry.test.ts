import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../../src/adapters/filesystem/index.ts';
import { InputError } from '../../../../../src/base/index.ts';
import { envelopeType, transferArtifactType } from '../../../../../src/model/index.ts';
import type { DesiredModel } from '../../../../../src/protocol/index.ts';
import { sealedBytes, sealedChunkBytes } from '../../../../../src/trust/index.ts';
import { deviceModels } from '../../../../fixtures/device-models.ts';
import { FakeRegistry } from '../../../../fixtures/fake-registry.ts';
import { temporaryFolder } from '../../../../fixtures/temporary-folder.ts';

const never = new AbortController().signal;
const network = Buffer.from('the network that was ordered, which the owner signed');
const imageType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

type Model = DesiredModel & { readonly file: string };
interface Asked {
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/*
 * A registry that was broken into: what it serves, and what the device does. `comes`: the attack costs nothing but requests;
 * a code: nothing is kept, and the model comes when the attack is over. The table of docs/trust.md is this one.
 */
interface Attack {
  readonly name: string;
  /** Answers what it wants to; true: it did. */
  readonly answer: (asked: Asked, model: Model, registry: FakeRegistry) => boolean;
  readonly ends: 'comes' | RegExp;
  /** The folder of the bundle has the beginning of the file already, as an earlier try left it. */
  readonly begun?: number;
}

const json = (response: ServerResponse, value: object | string, type: string) => {
  response.writeHead(200, { 'content-type': type });
  response.end(typeof value === 'string' ? value : JSON.stringify(value));
  return true;
};
const isBlob = (path: string, digest: string) => path.includes('/blobs/') && path.includes(digest.slice(7));
const isTag = (path: string) => /\/manifests\/1\.0\.0$/.test(path);
const evil = Buffer.from('a network that nobody signed, as long as the one ordered');

const listOf = (at: number) =>
  JSON.stringify({ schemaVersion: 2, layers: [], annotations: { at: String(at) } });

/** The model as one that is encrypted, `size` bytes of it, for a device that is not this one. */
function encryptedAs(size: number, bundle?: string): Attack['answer'] {
  return ({ path, response }, model) => {
    const envelope = JSON.stringify({
      ...{ schema: 1, bundle: bundle ?? model.digest, chunkBytes: sealedChunkBytes },
      files: [{ blob: model.file, sealed: digestOf('endless'), size }],
      recipients: [
        { key: digestOf('k'), device: 'd', encapsulated: 'A'.repeat(88), wrapped: 'A'.repeat(64) },
      ],
    });
    const digest = digestOf(envelope);
    if (isTag(path)) {
      const layers = [{ mediaType: envelopeType, digest, size: envelope.length }];
      return json(response, { schemaVersion: 2, layers }, imageType);
    }
    if (isBlob(path, digest)) return json(response, envelope, '');
    if (!isBlob(path, digestOf('endless'))) return false;
    response.writeHead(200);
    const send = () => response.write(Buffer.alloc(1 << 20), () => response.destroyed || send());
    send();
    return true;
  };
}

const attacks: readonly Attack[] = [
  {
    name: 'another manifest.json under the digest of the ordered one',
    answer: ({ path, response }, model, registry) =>
      isBlob(path, model.digest) &&
      json(response, registry.blobs.get(model.digest)!.toString().replace('1.0.0', '6.6.6'), ''),
    ends: /registry-digest/,
  },
  {
    name: 'another network of the same length',
    answer: ({ path, response }, model) =>
      isBlob(path, model.file) && json(response, evil.toString('utf8').slice(0, network.length), ''),
    ends: /registry-digest/,
  },
  {
    name: 'one byte more',
    answer: ({ path, response }, model) => isBlob(path, model.file) && json(response, `${network}!`, ''),
    ends: /registry-too-long/,
  },
  {
    name: 'an index where the artifact should be, which names another platform’s manifest',
    answer: ({ path, response }) =>
      isTag(path) &&
      json(
        response,
        { schemaVersion: 2, manifests: [{ digest: digestOf(evil), mediaType: imageType }] },
        indexType,
      ),
    ends: 'comes',
  },
  {
    name: 'other media types for everything: a Docker list, text, none',
    answer: ({ path, response }) =>
      path.includes('/manifests/') &&
      json(
        response,
        { layers: [{ mediaType: 'text/html', digest: digestOf(evil) }] },
        'application/x-shellscript',
      ),
    ends: 'comes',
  },
  {
    name: 'an index in circles: what refers to the artifact is the index itself, a hundred times',
    answer: ({ path, response }) => {
      if (!path.includes('/referrers/') && !path.includes('/manifests/sha256')) return false;
      const manifests = Array.from({ length: 100 }, (_, at) => ({
        ...{ mediaType: indexType, artifactType: transferArtifactType, size: 1 },
        digest: digestOf(String(at)),
      }));
      return json(response, { schemaVersion: 2, manifests }, indexType);
    },
    ends: 'comes',
  },
  {
    name: 'annotations of 3 MB in the list of forms',
    answer: ({ path, response }) =>
      path.includes('/referrers/') &&
      json(response, { manifests: [], annotations: { a: 'x'.repeat(3_000_000) } }, indexType),
    ends: 'comes',
  },
  {
    name: 'annotations of 3 MB in the artifact itself',
    answer: ({ path, response }) =>
      isTag(path) && json(response, { layers: [], annotations: { a: 'x'.repeat(3_000_000) } }, imageType),
    ends: /registry-too-long/,
  },
  {
    name: 'an envelope of a network without end, though the bundle names a short one',
    answer: encryptedAs(1e12),
    ends: /sealed-envelope/,
  },
  {
    name: 'a model that is encrypted for other devices',
    answer: encryptedAs(sealedBytes(network.length)),
    ends: /sealed-for-others/,
  },
  {
    name: 'the envelope of another bundle',
    answer: encryptedAs(sealedBytes(network.length), digestOf('another')),
    ends: /sealed-envelope: The envelope is of the bundle/,
  },
  {
    name: 'fifty lists of forms, each of which is there',
    answer: ({ path, response }) => {
      const manifests = Array.from({ length: 50 }, (_, at) => ({
        ...{ mediaType: imageType, artifactType: transferArtifactType, size: 2 },
        digest: digestOf(listOf(at)),
      }));
      if (path.includes('/referrers/')) return json(response, { schemaVersion: 2, manifests }, indexType);
      const at = manifests.findIndex(({ digest }) => path.endsWith(`/manifests/${digest}`));
      return at >= 0 && json(response, listOf(at), imageType);
    },
    ends: 'comes',
  },
  {
    name: 'a part that begins at another place than requested',
    begun: 10,
    answer: ({ path, request, response }, model) => {
      if (!isBlob(path, model.file) || request.headers.range === undefined) return false;
      response.writeHead(206, { 'content-range': `bytes 5-${network.length - 1}/${network.length}` });
      response.end(network.subarray(5));
      return true;
    },
    ends: /registry-broken: .*sends another part than requested/,
  },
  {
    name: 'a part that says that it is the rest, and is the whole',
    begun: 10,
    answer: ({ path, request, response }, model) => {
      if (!isBlob(path, model.file) || request.headers.range === undefined) return false;
      response.writeHead(206, { 'content-range': `bytes 10-${network.length - 1}/${network.length}` });
      response.end(network);
      return true;
    },
    ends: /registry-too-long/,
  },
  {
    name: 'a part of the right length with other bytes',
    begun: 10,
    answer: ({ path, request, response }, model) => {
      if (!isBlob(path, model.file) || request.headers.range === undefined) return false;
      response.writeHead(206, { 'content-range': `bytes 10-${network.length - 1}/${network.length}` });
      response.end(evil.subarray(10, network.length));
      return true;
    },
    ends: 'comes',
  },
  {
    name: '416 for a part that is there',
    begun: 10,
    answer: ({ path, request, response }, model) => {
      if (!isBlob(path, model.file) || request.headers.range === undefined) return false;
      response.writeHead(416, { 'content-range': 'bytes */3' }).end();
      return true;
    },
    ends: /registry-/,
  },
];

describe('A registry that was broken into', () => {
  let registry: FakeRegistry;
  beforeEach(async () => {
    registry = await new FakeRegistry().start();
  });
  afterEach(() => registry.close());

  it.each(attacks.map((attack) => [attack.name, attack] as const))(
    'serves %s',
    async (_name, { answer, ends, begun = 0 }) => {
      registry.deviceToken = 'device token';
      const folder = temporaryFolder();
      const models = deviceModels(folder, {}, { registry: () => registry.url, token: 'device token' });
      const model = registry.add('1.0.0', network);
      if (begun > 0) {
        const staged = join(folder, `${model.digest.slice('sha256:'.length)}.download`);
        mkdirSync(staged);
        writeFileSync(join(staged, 'fp32.onnx'), network.subarray(0, begun));
      }
      registry.requests.length = 0;
      registry.before = (request, response, next) => {
        const path = decodeURIComponent((request.url ?? '').split('?')[0]!);
        if (
          request.headers.authorization === undefined ||
          !answer({ path, request, response }, model, registry)
        )
          next();
      };
      const failure = await models
        .download(model, () => {}, never)
        .then(
          () => undefined,
          (error: unknown) => error as Error & { readonly code: string },
        );
      if (ends === 'comes') expect(failure).toBeUndefined();
      else {
        expect(`${failure?.code}: ${failure?.message}`).toMatch(ends);
        if (failure instanceof InputError) expect(readdirSync(folder)).toEqual([]);
        // Half a bundle is none: nothing of it may be verified into one.
        await expect(models.verify(model.digest)).rejects.toThrow();
      }
      expect(registry.requests.length).toBeLessThan(25);
      registry.before = (_request, _response, next) => next();
      await models.download(model, () => {}, never);
      expect((await models.verify(model.digest)).digest).toBe(model.digest);
    },
  );

  it('learns no token for another host by sending a device there, and the bytes from there are held to the digest', async () => {
    const seen: (string | undefined)[] = [];
    const foreign = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end(evil.subarray(0, network.length));
    });
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
    registry.deviceToken = 'device token';
    const models = deviceModels(
      temporaryFolder(),
      {},
      { registry: () => registry.url, token: 'device token' },
    );
    const model = registry.add('1.0.0', network);
    const location = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/x`;
    registry.before = (request, response, next) =>
      request.url?.includes('/blobs/') === true && request.headers.authorization !== undefined
        ? response.writeHead(307, { location }).end()
        : next();
    await expect(models.download(model, () => {}, never)).rejects.toMatchObject({
      code: 'registry-digest',
    });
    foreign.close();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((authorization) => authorization !== undefined)).toEqual([]);
  });
});
