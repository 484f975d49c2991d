import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SentResult } from '../../src/protocol/index.ts';
import { streamKinds } from '../../src/runtime/streams/table.ts';
import { leftOutReasons } from '../../src/streams/index.ts';
import { projectRoot } from '../integration/goshawk.ts';
import { asyncApi } from './asyncapi.ts';

const docs = join(projectRoot, 'docs');
const page = readFileSync(join(docs, 'streams.md'), 'utf8');
const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  version: string;
};
const text = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

describe('Pages about results', () => {
  it('have every topic as AsyncAPI, as the table of topics has them', async () => {
    await expect(text(asyncApi(version))).toMatchFileSnapshot(join(docs, 'asyncapi.json'));
  });

  it('have the JSON Schema of a result as it is sent', async () => {
    const schema = { $schema: 'http://json-schema.org/draft-07/schema#', ...SentResult };
    await expect(text(schema)).toMatchFileSnapshot(join(docs, 'result.schema.json'));
  });

  it.each(Object.entries(streamKinds))('name the kind %s and its address', (kind, { address }) => {
    expect(page).toContain(`\`${kind}\``);
    if (address !== undefined) expect(page).toContain(address);
  });

  it.each(leftOutReasons)('say what %s means', (reason) => {
    expect(page).toContain(`| \`${reason}\` |`);
  });
});
