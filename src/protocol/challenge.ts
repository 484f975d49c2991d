import { Type } from '@sinclair/typebox';
import { mostAnswered, mostChallenges } from './challenge-sizes.ts';
import { Digest, Name } from './scalars.ts';

/** A golden picture, changed as the controller drew it. See `changePicture` of the perception room. */
const Challenge = Type.Object({
  /** The golden frame, a file of the bundle. */
  frame: Type.String({ minLength: 1, maxLength: 255 }),
  mirrored: Type.Boolean(),
  /** Pixels by which the picture is rolled, modulo its sides. */
  right: Type.Integer({ minimum: 0, maximum: 65_535 }),
  down: Type.Integer({ minimum: 0, maximum: 65_535 }),
  /** Brightness, in 256ths. */
  gain: Type.Integer({ minimum: 128, maximum: 512 }),
});

const Answer = Type.Array(
  Type.Object({
    label: Name,
    score: Type.Number({ minimum: 0, maximum: 1 }),
    box: Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number()], {
      description: 'x1, y1, x2, y2 in pixels of the changed picture',
    }),
  }),
  { maxItems: mostAnswered },
);

export const challengeCalls = {
  /** What the live model of the slot `main` finds on these pictures, in their order. Refused where another model is live. */
  challenge: {
    request: Type.Object({
      modelDigest: Digest,
      pictures: Type.Array(Challenge, { minItems: 1, maxItems: mostChallenges }),
    }),
    response: Type.Object({ answers: Type.Array(Answer, { maxItems: mostChallenges }) }),
  },
} as const;
