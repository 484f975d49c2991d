import { describe, expect, it } from 'vitest';
import { serviceWires } from '../../../device/dds/service-wire.ts';
import { Services } from '../../../device/dds/services.ts';
import type { DdsReaderHandle, DdsTaken, Middleware } from '../../../native/index.ts';
import { CdrReader, CdrWriter } from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

/** A service, and a middleware that has something for it. */
function served(middleware: Middleware = 'fastdds') {
  const log = new RecordingLog();
  const sent: Uint8Array[] = [];
  const end = { guid: () => new Uint8Array(16), close: () => {} };
  const writer = {
    ...{ ...end, reaches: () => true, matched: () => 1, take: () => [] },
    write: (bytes: Uint8Array) => sent.push(Uint8Array.from(bytes)) > 0,
  };
  let notice: (reader: DdsReaderHandle) => void = () => {};
  let taken: DdsTaken | null = null;
  const reader = { ...end, take: () => taken, release: () => {}, gather: () => {} };
  const services = new Services({
    ...{ participant: end as never, wire: serviceWires[middleware], product: 'Fast DDS', log },
    openReader: (_, __, onNotice) => {
      notice = onNotice;
      return { reader, close: () => {} };
    },
    openWriter: () => ({ writer, close: () => {} }),
    isClosed: () => false,
  });
  services.serve('/light/enable', 'std_srvs/srv/SetBool', ({ data }) => {
    if (!data) throw new Error('the lamp is broken');
    return { success: true, message: '' };
  });
  const none = { samples: [], gaveWay: [], events: [], superseded: 0, tooLarge: 0, largest: 0 };
  const hear = (what: Partial<DdsTaken>) => {
    taken = { ...none, ...what };
    notice(reader);
  };
  const request = (...octets: readonly number[]) => {
    const writer = new CdrWriter();
    if (middleware === 'cyclone') for (const word of [7n, 5n]) writer.uint64(word);
    for (const octet of octets) writer.uint8(octet);
    return Uint8Array.from(writer.finish());
  };
  return { log, sent, hear, request, sample: { id: 1, bytes: request(1) } };
}

describe('Requests that a service cannot read', () => {
  it('as they are too large, are reported once, and the others are answered', () => {
    const { log, sent, hear, sample } = served();
    hear({ samples: [sample] });
    expect(log.at('warn')).toEqual([]);
    hear({ tooLarge: 1, largest: 300_000, samples: [sample] });
    hear({ tooLarge: 2, largest: 400_000 });
    expect(log.at('warn')).toMatchObject([
      [expect.stringMatching(/larger than what is taken/), { service: '/light/enable', bytes: 300_000 }],
    ]);
    expect(sent).toHaveLength(2);
  });

  it('as too many came at once, are reported once', () => {
    const { log, hear } = served();
    hear({ superseded: 1 });
    hear({ superseded: 5 });
    expect(log.at('warn')).toMatchObject([[expect.stringMatching(/asked faster/), { requests: 1 }]]);
  });
});

describe.each(['cyclone', 'fastdds'] as const)('A request that a service refuses over %s', (middleware) => {
  const answers = (sent: readonly Uint8Array[]) =>
    sent.map((bytes) => {
      const reply = new CdrReader(bytes, 'reply');
      const number = middleware === 'cyclone' && [reply.uint64('client'), reply.uint64('number')];
      return [number, reply.boolean('success'), reply.string('message')];
    });
  const asked = middleware === 'cyclone' && [7n, 5n];

  it('as there is no room for it, is answered before those that have some', () => {
    const { sent, hear, request, sample } = served(middleware);
    const none = new Uint8Array(24);
    const gaveWay = [{ bytes: request(1), size: 9, own: none, related: none }];
    hear({ samples: [sample], gaveWay, superseded: 1 });
    expect(answers(sent)).toEqual([
      [asked, false, expect.stringContaining('Not done')],
      [asked, true, ''],
    ]);
  });

  it.each([
    ['fails', [0], 'the lamp is broken'],
    ['cannot be read', [], 'data'],
  ])('as it %s, is answered with the reason', (_, octets, reason) => {
    const { log, sent, hear, request } = served(middleware);
    hear({ samples: [{ id: 1, bytes: request(...octets) }] });
    expect(answers(sent)).toEqual([[asked, false, expect.stringContaining(reason)]]);
    expect(log.at('warn')).toMatchObject([['A service request is refused', { service: '/light/enable' }]]);
  });
});
