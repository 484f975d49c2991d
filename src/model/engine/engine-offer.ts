import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { InputError } from '../../base/index.ts';

/**
 * A plan that another device of the fleet built, checked and watched, and vouches for with its key. It is for who has the
 * same fingerprint, to the last part: the key is the sha256 of that.
 */
export const EngineOffer = Type.Object(
  {
    schema: Type.Literal(1),
    key: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    plan: Type.Object(
      {
        sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        size: Type.Integer({ minimum: 1, maximum: 4_294_967_296 }),
        peakMemoryBytes: Type.Integer({ minimum: 0 }),
      },
      { additionalProperties: false },
    ),
    /** PEM: of the device that built it, and what signed that. */
    certificate: Type.String({ maxLength: 20_000 }),
    /** ECDSA over `offerText`, DER in base64. */
    signature: Type.String({ pattern: '^[A-Za-z0-9+/]+=*$', maxLength: 200 }),
  },
  { additionalProperties: false },
);
export type EngineOffer = Static<typeof EngineOffer>;

/** What is signed. */
export function offerText({ key, plan }: Pick<EngineOffer, 'key' | 'plan'>): string {
  return `goshawk engine v1\n${key}\n${plan.sha256}\n${plan.size}\n${plan.peakMemoryBytes}\n`;
}

/** InputError `engine-offer` for what is no offer, or one for another engine. */
export function parseOffer(json: unknown, key: string): EngineOffer {
  if (Value.Check(EngineOffer, json) && json.key === key) return json;
  throw new InputError(
    'engine-offer',
    'The answer of the peer offers no engine for this board and model.',
    'This device builds the engine; check the agent of the peer.',
  );
}
