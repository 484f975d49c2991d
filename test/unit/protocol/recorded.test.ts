import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { decode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { calls } from '../../../src/protocol/calls.ts';
import { type Decoded, decodeMessage } from '../../../src/protocol/codec.ts';
import { driftEventKinds, readDriftEvent } from '../../../src/protocol/drift.ts';
import { topicTable } from '../../../src/protocol/topic-table.ts';
import { topics } from '../../../src/protocol/topics.ts';

const folder = join(import.meta.dirname, '../../fixtures/protocol');

/** What a release sent, by version; `topic` is below that of the device. */
const recorded = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: version }) =>
    readdirSync(join(folder, version), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => {
        const file = join(parentPath, name);
        return { file: relative(folder, file), topic: dirname(relative(join(folder, version), file)) };
      }),
  );

const schemaOf = (message: Decoded) =>
  message.kind === 'call' ? calls[message.method].request : topicTable[message.kind].schema;

describe('What a release sent that this version serves', () => {
  it.each(recorded)('is read and every field is known: $file', ({ file, topic }) => {
    const bytes = readFileSync(join(folder, file));
    const sent: unknown = file.endsWith('.cbor') ? decode(bytes) : JSON.parse(bytes.toString('utf8'));
    const message = decodeMessage(`goshawk/1/d1/${topic}`, bytes);
    expect(message.payload).toEqual(sent);
    expect(Value.Clean(schemaOf(message), structuredClone(sent))).toEqual(sent);
    if (message.kind === 'events' && (driftEventKinds as readonly string[]).includes(message.payload.kind))
      expect(readDriftEvent(message.payload)).toBeDefined();
  });

  it('was recorded of every topic and of every call', () => {
    const parts = recorded.map(({ topic }) => topic.split('/'));
    const methods = parts.filter(([kind]) => kind === 'call').map(([, method]) => method);
    expect([...new Set(parts.map(([kind]) => kind))].sort()).toEqual(Object.keys(topics).sort());
    expect([...new Set(methods)].sort()).toEqual(Object.keys(calls).sort());
  });
});
