import { Type } from '@sinclair/typebox';

/* Words that the payloads are made of. Sizes are bounded everywhere: what comes over the wire is not trusted. */

export const Digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' });
export const Name = Type.String({ minLength: 1, maxLength: 128 });
export const Text = Type.String({ maxLength: 2000 });
export const TimeMs = Type.Number({
  minimum: 0,
  maximum: 8.64e15,
  description: 'Milliseconds since 1970, UTC',
});
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
