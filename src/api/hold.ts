import { type Static, Type } from '@sinclair/typebox';
import { timeMs } from './scalars.ts';

export const Hold = Type.Object({
  reason: Type.String({ minLength: 1, maxLength: 500 }),
  by: Type.String({ maxLength: 300 }),
  sinceMs: timeMs(),
});
export type Hold = Static<typeof Hold>;
