import { describe, expect, it } from 'vitest';
import { serviceWires } from '../../../device/dds/service-wire.ts';
import { Services } from '../../../device/dds/services.ts';
import type { DdsReaderHandle, DdsTaken } from '../../../native/index.ts';
import { CdrWriter } from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

/** A service, and a middleware that has something for it. */
function served() {
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
    ...{ participant: end as never, wire: serviceWires.fastdds, product: 'Fast DDS', log },
    openReader: (_, __, onNotice) => {
      notice = onNotice;
      return { reader, close: () => {} };
    },
    openWriter: () => ({ writer, close: () => {} }),
    isClosed: () => false,
  });
  services.serve('/light/enable', 'std_srvs/srv/SetBool', () => ({ success: true, message: '' }));
  const none = { samples: [], events: [], superseded: 0, tooLarge: 0, largest: 0 };
  const hear = (what: Partial<DdsTaken>) => {
    taken = { ...none, ...what };
    notice(reader);
  };
  const request = new CdrWriter();
  request.boolean(true);
  return { log, sent, hear, sample: { id: 1, bytes: request.finish() } };
}

describe('Requests that a service can not read', () => {
  it('as they are too large, are told once, and the others are answered', () => {
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

  it('as too many came at once, are told once', () => {
    const { log, hear } = served();
    hear({ superseded: 1 });
    hear({ superseded: 5 });
    expect(log.at('warn')).toMatchObject([[expect.stringMatching(/asked faster/), { requests: 1 }]]);
  });
});
