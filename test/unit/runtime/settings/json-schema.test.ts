import { readFileSync } from 'node:fs';
import type { TSchema } from '@sinclair/typebox';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { ControllerSettings } from '../../../../src/runtime/settings/controller.ts';
import { fileSchema } from '../../../../src/runtime/settings/json-schema.ts';

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../../../deploy/systemd/${path}`, import.meta.url), 'utf8'));

/** Status of a body that is checked with the shipped schema as it is: nothing removed, converted or filled in. */
async function statusOf(schema: object, body: object): Promise<number> {
  const server = Fastify({
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
  });
  server.post('/', { schema: { body: schema } }, async () => ({}));
  const { statusCode } = await server.inject({ method: 'POST', url: '/', payload: body });
  await server.close();
  return statusCode;
}

const programs: [string, TSchema][] = [
  ['agent', AgentSettings],
  ['controller', ControllerSettings],
];

describe.each(programs)('The JSON Schema of the settings of the %s', (name, settings) => {
  it('is shipped as the code makes it', () => {
    expect(read(`${name}.schema.json`)).toEqual(fileSchema(settings, `Settings of goshawk ${name}`));
  });

  it('accepts the shipped example, and refuses what is not a setting', async () => {
    const schema = read(`${name}.schema.json`);
    const example = read(`${name}.json`);
    expect(await statusOf(schema, example)).toBe(200);
    expect(await statusOf(schema, { ...example, nonsense: 1 })).toBe(400);
    expect(await statusOf(schema, { ...example, dataDir: undefined })).toBe(400);
  });
});
