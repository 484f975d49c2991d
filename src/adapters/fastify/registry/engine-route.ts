import { Value } from '@sinclair/typebox/value';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InputError, LimitError } from '../../../base/index.ts';
import type { OciRegistry, RegistryCaller } from '../../../controller/index.ts';
import { EngineOffer, enginePath, isDigest, largestOfferHeader, offerHeader } from '../../../model/index.ts';
import { bytesOf } from '../body-bytes.ts';
import { limitBodyTime, limitRest } from '../body-time.ts';

/** A plan of hundreds of megabytes over a slow line. */
export const planMs = 30 * 60_000;

const route = `${enginePath}/:bundle`;

/** Whether its body may have `planMs`: the handler sees to the time, from the moment when it knows which device it is. */
export function bringsPlan({ method, routeOptions }: FastifyRequest): boolean {
  return method === 'PUT' && routeOptions.url === route;
}

/** Takes plans that devices built. Read they are as every artifact, below `/v2/`. */
export async function addEngines(
  app: FastifyInstance,
  registry: OciRegistry,
  authenticate: (request: FastifyRequest) => RegistryCaller,
): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.put<{ Params: { bundle: string } }>(route, async (request, reply) => {
      const { bundle } = request.params;
      try {
        const asks = authenticate(request as unknown as FastifyRequest);
        if (!isDigest(bundle)) throw offerForm();
        const offer = offerOf(request.headers[offerHeader]);
        limitBodyTime(request as unknown as FastifyRequest, reply as unknown as FastifyReply, planMs);
        const { digest } = await registry.putEngine(asks, bundle, offer, bytesOf(request.body));
        return await reply.code(201).send({ digest });
      } catch (error) {
        limitRest(request as unknown as FastifyRequest, reply as unknown as FastifyReply);
        throw error;
      }
    });
  });
}

function offerOf(header: string | string[] | undefined): EngineOffer {
  const given = String(header);
  if (given.length > largestOfferHeader)
    throw new LimitError(
      'engine-limit',
      `The plan is not taken: its offer has ${given.length} characters, and ${largestOfferHeader} are allowed.`,
      'The chain of certificates is too long.',
    );
  try {
    const text = Buffer.from(given, 'base64url').toString('utf8');
    const json: unknown = JSON.parse(text);
    if (Value.Check(EngineOffer, json)) return json;
  } catch {
    // Said below.
  }
  throw offerForm();
}

function offerForm(): InputError {
  return new InputError(
    'engine-offer-form',
    'The request offers no engine of a model.',
    'Agent and controller may be of different versions.',
  );
}
