import type { TSchema } from '@sinclair/typebox';
import { defined } from '../../base/index.ts';

/**
 * JSON Schema of a settings file, for editors. The schemas in the code describe settings after the defaults are
 * filled in; in a file, a setting that has a default may be left out, and `$schema` may name this schema.
 */
export function fileSchema(schema: TSchema, title: string): Record<string, unknown> {
  // JSON leaves the symbols of TypeBox behind.
  const plain = asWritten(JSON.parse(JSON.stringify(schema))) as Record<string, unknown>;
  const properties = plain.properties as Record<string, unknown>;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    ...plain,
    properties: {
      $schema: { type: 'string', description: 'Address of this schema, for editors' },
      ...properties,
    },
  };
}

/** Without `required` for what has a default, at every depth. */
function asWritten(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(asWritten);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { required, default: given, requiredWithout, ...rest } = schema as Record<string, unknown>;
  const inner = Object.fromEntries(Object.entries(rest).map(([key, one]) => [key, asWritten(one)]));
  const properties = (rest.properties ?? {}) as Record<string, { readonly default?: unknown }>;
  const needed = Array.isArray(required)
    ? required.filter((name: string) => properties[name]?.default === undefined)
    : [];
  return {
    ...inner,
    ...(needed.length === 0 ? {} : { required: needed }),
    ...defined({ default: given }),
    ...(requiredWithout === undefined ? {} : { anyOf: alternatives(requiredWithout) }),
  };
}

/** What a validator can read of our own word `requiredWithout` (see problems.ts). */
function alternatives(requiredWithout: unknown): object[] {
  return Object.entries(requiredWithout as Record<string, readonly string[]>).flatMap(([other, names]) => [
    { required: [other] },
    { required: names },
  ]);
}
