import type { CallRequestOf, CallResultOf } from '../../../protocol/index.ts';

/** A golden picture of a model, changed as the controller drew it. */
export type Challenge = CallRequestOf<'challenge'>['pictures'][number];
export type ChallengeAnswer = CallResultOf<'challenge'>['answers'][number];

export interface ReferenceRequest {
  /** Digest of the bundle whose network answers. */
  readonly model: string;
  /** Digest of the bundle whose golden pictures are shown. */
  readonly pictures: string;
  readonly challenges: readonly Challenge[];
  readonly signal: AbortSignal;
}

/** Port: what a model of the registry finds on changed pictures, worked out where no device has a say. */
export interface ReferenceAnswers {
  /** In the order of the challenges. Rejects with a GoshawkError for a model that can't be run here. */
  answer(request: ReferenceRequest): Promise<readonly ChallengeAnswer[]>;
}
