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

/** A schema for what people send, closed at every depth. The same schema of the protocol is open for newer devices. */
export function strict<T extends TSchema>(schema: T): T {
  const { properties, patternProperties, items, anyOf } = schema as unknown as Partial<Parts>;
  const each = (parts: Record<string, TSchema>) =>
    Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, strict(part)]));
  return {
    ...schema,
    ...(properties === undefined ? {} : { ...closed, properties: each(properties) }),
    ...(patternProperties === undefined ? {} : { patternProperties: each(patternProperties) }),
    ...(items === undefined ? {} : { items: Array.isArray(items) ? items.map(strict) : strict(items) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(strict) }),
  };
}

interface Parts {
  readonly properties: Record<string, TSchema>;
  readonly patternProperties: Record<string, TSchema>;
  readonly items: TSchema | TSchema[];
  readonly anyOf: TSchema[];
}

function text(description: string | undefined): { description?: string } {
  return description === undefined ? {} : { description };
}
