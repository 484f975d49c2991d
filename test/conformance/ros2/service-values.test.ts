import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { typeHashOf } from '../../../src/adapters/ros2/type-finder.ts';
import {
  CdrReader,
  CdrWriter,
  checkedMessage,
  messageJson,
  readMessage,
  serviceByTexts,
  writeMessage,
} from '../../../src/ros2/index.ts';
import { bytesOf, hexOf, withoutPadding } from './recorded.ts';

/*
 * A service of a package that nobody ships, with a field of every kind: what rclpy wrote for the same values, and its hashes.
 */
const { origin, texts, hashes, requests, response } = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'service-values.json'), 'utf8'),
) as {
  readonly origin: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly hashes: Readonly<Record<string, string>>;
  readonly requests: readonly { readonly given: object; readonly bytes: string }[];
  readonly response: { readonly bytes: string };
};
const type = 'dock_msgs/srv/Dock';
const service = serviceByTexts(type, (each) => texts[each], typeHashOf)!;

describe(`A service by its definition, beside ${origin}`, () => {
  it('has the hashes of request and response', () => {
    expect(service.request.hash).toBe(hashes[`${type}_Request`]);
    expect(service.response.hash).toBe(hashes[`${type}_Response`]);
  });

  it.each(requests.map(({ given, bytes }) => [Object.keys(given).length, given, bytes] as const))(
    'is asked with the same bytes where %i fields are given, the others being what the definition says',
    (_, given, recorded) => {
      const { shape } = service.request;
      const writer = new CdrWriter();
      writeMessage(writer, shape, checkedMessage(shape, given));
      const bytes = writer.finish();
      expect(hexOf(bytes)).toBe(withoutPadding(recorded, bytes.length));
    },
  );

  it('answers what it answered', () => {
    const reader = new CdrReader(bytesOf(response.bytes), type);
    expect(messageJson(readMessage(reader, service.response.shape))).toEqual({
      ...{ success: true, message: 'größe', seen: '', nan: null, inf: null, big: '18446744073709551615' },
      longs: [1, '-9223372036854775808', '4611686018427387904'],
      ...{
        data: 'AQL/',
        path: [
          { x: 1, y: 2 },
          { x: 1.5, y: 0 },
        ],
        flags: [true, false],
      },
    });
    expect(reader.remaining).toBeLessThan(4);
  });
});
