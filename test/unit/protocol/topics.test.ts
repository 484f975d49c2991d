import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controllerId, deviceIdPattern, parseTopic, topics } from '../../../src/protocol/index.ts';

/** fast-check makes no text for a pattern that looks ahead, so that part of it is a filter. */
const device = fc
  .stringMatching(new RegExp(deviceIdPattern.replace(/\(\?!.*?\)/, '')))
  .filter((id) => id !== controllerId);

describe('A topic', () => {
  it('means what it was made for', () => {
    fc.assert(
      fc.property(device, (id) => {
        for (const kind of ['state', 'metrics', 'events', 'reported', 'desired', 'response'] as const)
          expect(parseTopic(topics[kind](id))).toEqual({ kind, device: id });
        expect(parseTopic(topics.call(id, 'ack'))).toEqual({ kind: 'call', device: id, method: 'ack' });
        expect(parseTopic(topics.preview(id, 'front'))).toEqual({
          kind: 'preview',
          device: id,
          camera: 'front',
        });
      }),
    );
  });

  it.each([
    '',
    'goshawk/1',
    'goshawk/1/d1',
    'goshawk/2/d1/state',
    'goshawk/1/d1/state/more',
    'goshawk/1/d1/call/',
    'goshawk/1/d1/call',
    'goshawk/1/d1/call/a/b',
    'goshawk/1/-d1/state',
    'goshawk/1/+/state',
    'goshawk/1/d1/unknown',
    '/goshawk/1/d1/state',
  ])('that is not ours means nothing: %j', (topic) => {
    expect(parseTopic(topic)).toBeUndefined();
  });
});
