import type { FastifyReply } from 'fastify';
import type { trustRoutes, tufRoutes } from '../../api/index.ts';
import { MissingError } from '../../base/index.ts';
import type { FleetController, TrustService } from '../../controller/index.ts';
import { bytesOf, collect } from './body-bytes.ts';
import type { Handlers } from './route.ts';

/** Targets of 5 MB with every root there may be. */
const maxPublishedBytes = 8_000_000;

/** What is signed, and publishing it. */
export function trustHandlers(controller: Pick<FleetController, 'trust'>): Handlers<typeof trustRoutes> {
  return {
    'GET /trust': () => expectTrust(controller).status(),
    'PUT /trust': async ({ request, caller }) =>
      expectTrust(controller).publish(
        caller,
        await collect(bytesOf(request.body), maxPublishedBytes, 'Signed metadata'),
      ),
    'GET /trust/published': async ({ response }) => {
      await response.type('application/json').send(Buffer.from(expectTrust(controller).published()));
    },
    'GET /trust/anchor': async ({ response }) => {
      const anchor = expectTrust(controller).anchor();
      if (anchor === undefined) throw nothingSigned();
      await response.type('application/json').send(Buffer.from(anchor));
    },
  };
}

/** Signed metadata as files. */
export function tufHandlers(controller: Pick<FleetController, 'trust'>): Handlers<typeof tufRoutes> {
  return {
    'GET /tuf/image/:file': ({ params, response }) =>
      sendMetadata(controller.trust, `image/${params.file}`, response),
    'GET /tuf/director/:device/:file': ({ params, response }) =>
      sendMetadata(controller.trust, `director/${params.device}/${params.file}`, response),
  };
}

export async function sendMetadata(
  trust: TrustService | undefined,
  path: string,
  response: FastifyReply,
): Promise<void> {
  const found = trust?.file(path);
  if (found === undefined)
    throw new MissingError(
      'metadata-unknown',
      `There is no metadata ${path.slice(0, 200)}.`,
      'Sign and publish first: docs/trust.md.',
    );
  await response
    .header('cache-control', found.immutable ? 'public, max-age=31536000, immutable' : 'public, max-age=60')
    .type('application/json')
    .send(Buffer.from(found.bytes));
}

function expectTrust({ trust }: Pick<FleetController, 'trust'>): TrustService {
  if (trust !== undefined) return trust;
  throw new MissingError(
    'trust-off',
    'This controller signs no metadata.',
    'Start it with `goshawk controller`.',
  );
}

function nothingSigned(): MissingError {
  return new MissingError(
    'trust-nothing-signed',
    'No metadata is signed yet.',
    'Sign roots and targets, and publish them: docs/trust.md.',
  );
}
