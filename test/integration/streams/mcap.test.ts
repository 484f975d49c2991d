import { readdirSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { McapIndexedReader, McapStreamReader } from '@mcap/core';
import { describe, expect, it } from 'vitest';
import { McapRecorder } from '../../../src/adapters/rosbag/index.ts';
import { foxglovePicture, foxgloveResult } from '../../../src/streams/index.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { busy } from './receivers.ts';

const nowMs = () => 1_790_000_000_000;
const jpeg = '/9j/2Q==';

async function record(recorder: McapRecorder, results: number): Promise<void> {
  for (let sequence = 0; sequence < results; sequence++) {
    const outgoing = busy(sequence);
    await recorder.write(foxgloveResult(outgoing, 640));
    const stampNs = BigInt(outgoing.message.stampNs);
    if (sequence % 6 === 0)
      await recorder.write([foxglovePicture({ camera: 'front', stampNs, frameId: 'f', jpeg })]);
  }
}

/** By the reader of the format's authors. */
async function read(path: string) {
  const file = await open(path);
  const readable = {
    size: async () => BigInt((await file.stat()).size),
    read: async (offset: bigint, size: bigint) => {
      const bytes = new Uint8Array(Number(size));
      await file.read(bytes, 0, bytes.length, Number(offset));
      return bytes;
    },
  };
  const reader = await McapIndexedReader.Initialize({ readable });
  const messages: { topic: string; logTime: bigint; value: Record<string, unknown> }[] = [];
  for await (const { channelId, logTime, data } of reader.readMessages())
    messages.push({
      topic: reader.channelsById.get(channelId)?.topic ?? '',
      logTime,
      value: JSON.parse(Buffer.from(data).toString()) as Record<string, unknown>,
    });
  const schemas = [...reader.channelsById.values()].map(({ topic, schemaId, messageEncoding }) => {
    const schema = reader.schemasById.get(schemaId);
    return [topic, messageEncoding, schema?.name, schema?.encoding];
  });
  await file.close();
  return { messages, schemas, statistics: reader.statistics };
}

describe('An MCAP file', () => {
  it('has results, boxes and pictures with their schemas, as a reader of MCAP finds them', async () => {
    const path = join(temporaryFolder(), 'a.mcap');
    const recorder = new McapRecorder({ path }, nowMs);
    await recorder.open();
    await record(recorder, 300);
    await recorder.close();
    const { messages, schemas, statistics } = await read(path);
    expect(schemas).toEqual([
      ['/front/results', 'json', 'goshawk.Result', 'jsonschema'],
      ['/front/annotations', 'json', 'foxglove.ImageAnnotations', 'jsonschema'],
      ['/front/image', 'json', 'foxglove.CompressedImage', 'jsonschema'],
    ]);
    expect(statistics?.messageCount).toBe(650n);
    const results = messages.filter(({ topic }) => topic === '/front/results');
    expect(results.map(({ value }) => value.sequence)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(String(results[7]?.logTime)).toBe(results[7]?.value.stampNs);
  });

  it('that was not closed can be read up to its last chunk', async () => {
    const path = join(temporaryFolder(), 'a.mcap');
    const recorder = new McapRecorder({ path }, nowMs);
    await recorder.open();
    await record(recorder, 300);
    const reader = new McapStreamReader();
    reader.append(readFileSync(path));
    let results = 0;
    for (let next = reader.nextRecord(); next !== undefined; next = reader.nextRecord())
      if (next.type === 'Message') results += 1;
    expect(results).toBeGreaterThan(400);
    await recorder.close();
  });

  it('is followed by the next one from its size on; the oldest go', async () => {
    const folder = join(temporaryFolder(), 'recordings');
    let wallMs = nowMs();
    const recorder = new McapRecorder({ folder, maxFileBytes: 1_000_000, maxFiles: 3 }, () => (wallMs += 1));
    await recorder.open();
    await record(recorder, 1_500);
    await recorder.close();
    const names = readdirSync(folder).sort();
    expect(names).toHaveLength(3);
    for (const name of names) expect(statSync(join(folder, name)).size).toBeLessThan(2_000_000);
    const last = await read(join(folder, names.at(-1)!));
    expect(last.messages.at(-1)?.value).toBeDefined();
    const { messages } = await read(join(folder, names[1]!));
    expect(messages.length).toBeGreaterThan(50);
  });

  it('that cannot be written is told by its path', async () => {
    const recorder = new McapRecorder({ path: '/nowhere/a.mcap' }, nowMs);
    await expect(recorder.open()).rejects.toThrow('/nowhere/a.mcap');
  });
});
