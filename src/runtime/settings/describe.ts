import { Kind, type TSchema } from '@sinclair/typebox';

/** Each setting as `path: type (default ...) - meaning`; what `--print-settings` shows and docs/settings.md is made of. */
export function describeSettings(schema: TSchema, path = ''): string[] {
  if (schema[Kind] === 'Object') {
    const properties = schema.properties as Record<string, TSchema>;
    const required = new Set<string>((schema.required as string[] | undefined) ?? []);
    return Object.entries(properties).flatMap(([name, inner]) => {
      const full = path === '' ? name : `${path}.${name}`;
      if (isFolder(inner)) return describeSettings(inner, full);
      return [line(full, inner, required.has(name))];
    });
  }
  if (schema[Kind] === 'Record') {
    const [inner] = Object.values(schema.patternProperties as Record<string, TSchema>);
    return inner === undefined ? [] : describeSettings(inner, `${path}.<name>`);
  }
  return [line(path, schema, true)];
}

function isFolder(schema: TSchema): boolean {
  return schema[Kind] === 'Object' || schema[Kind] === 'Record';
}

function line(path: string, schema: TSchema, required: boolean): string {
  const need =
    schema.default !== undefined
      ? `default ${JSON.stringify(schema.default)}`
      : required
        ? 'required'
        : 'optional';
  const meaning = schema.description === undefined ? '' : ` - ${schema.description}`;
  return `${path}: ${typeOf(schema)} (${need})${meaning}`;
}

function typeOf(schema: TSchema): string {
  if (schema[Kind] === 'Unknown') return 'any value';
  const alternatives = schema.anyOf as TSchema[] | undefined;
  if (alternatives !== undefined)
    return [...new Set(alternatives.map((one) => JSON.stringify(one.const) ?? String(one.type)))].join(' | ');
  const bounds = [
    schema.minimum === undefined ? '' : `>= ${schema.minimum}`,
    schema.maximum === undefined ? '' : `<= ${schema.maximum}`,
  ].filter((bound) => bound !== '');
  const items = schema.items as TSchema | undefined;
  const of = items?.anyOf === undefined ? String(items?.type) : typeOf(items);
  const type = schema.type === 'array' ? `list of ${of}` : String(schema.type);
  return bounds.length === 0 ? type : `${type} ${bounds.join(' ')}`;
}
