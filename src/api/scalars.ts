import { type TSchema, Type } from '@sinclair/typebox';

/* Fields that many schemas share. Each takes its description, since that is what a reader of openapi.json sees. */

export const name = (description?: string) =>
  Type.String({ minLength: 1, maxLength: 128, ...text(description) });

export const timeMs = (description?: string) =>
  Type.Number({
    description:
      description === undefined
        ? 'Milliseconds since 1970, UTC'
        : `${description}; milliseconds since 1970, UTC`,
  });

export const count = (description?: string) => Type.Integer({ minimum: 0, ...text(description) });

export const digest = (description = 'sha256:<64 hex digits>') =>
  Type.String({ pattern: '^sha256:[0-9a-f]{64}$', description });

/** Size of a page. */
export const limit = (maximum = 1000, standard = 100) =>
  Type.Integer({ minimum: 1, maximum, default: standard, description: 'How many at most' });

/** A schema of another place, with what it means in this one. */
export const described = <T extends TSchema>(schema: T, description: string): T => ({
  ...schema,
  description,
});

/** Objects that people send: a field with a wrong name is an error and not silently ignored. */
export const closed = { additionalProperties: false } as const;

function text(description: string | undefined): { description?: string } {
  return description === undefined ? {} : { description };
}
