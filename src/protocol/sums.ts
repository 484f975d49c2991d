import { type Static, Type } from '@sinclair/typebox';
import { Name } from './scalars.ts';

/*
 * Sums of counts that nobody sees but their sum: the controller asks who takes part, hands the public keys round, and gets
 * one masked vector of each. What is promised: docs/fleet-counts.md.
 */

/** Most members of one round, labels and numbers of one vector. */
export const sumLimits = { members: 256, labels: 64, scoreBins: 20, hours: 24 } as const;

const Round = Type.String({ pattern: '^[0-9a-f]{32}$', description: 'New for each round' });
/** Of X25519, 32 bytes. */
const PublicKey = Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$', description: 'X25519, base64' });

export const sumCalls = {
  /** A participant: a separate key for this round only. */
  'join-sum': {
    request: Type.Object({
      round: Round,
      toHour: Type.Integer({
        minimum: 0,
        maximum: 1e9,
        description: 'Hours since 1970; this one is not in it',
      }),
      hours: Type.Integer({ minimum: 1, maximum: sumLimits.hours }),
    }),
    response: Type.Object({
      key: PublicKey,
      leastDevices: Type.Integer({ minimum: 3, maximum: sumLimits.members }),
    }),
  },
  /** The counts with the masks of all others: once for each round. */
  'masked-sum': {
    request: Type.Object({
      round: Round,
      members: Type.Array(
        Type.Object({ device: Type.String({ minLength: 1, maxLength: 64 }), key: PublicKey }),
        {
          minItems: 3,
          maxItems: sumLimits.members,
        },
      ),
      labels: Type.Array(Name, { maxItems: sumLimits.labels, uniqueItems: true }),
    }),
    response: Type.Object({
      vector: Type.String({
        maxLength: 1024,
        description:
          '32-bit numbers, little endian, base64: a count of each label, of all others, and of each twentieth of the scores',
      }),
    }),
  },
} as const;
export type JoinSum = Static<(typeof sumCalls)['join-sum']['request']>;
export type MaskedSum = Static<(typeof sumCalls)['masked-sum']['request']>;

/** Numbers of a vector with so many labels. */
export function sumLength(labels: number): number {
  return labels + 1 + sumLimits.scoreBins;
}
