import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { camerasOf, streamOf } from '../../../../src/adapters/onvif/answers.ts';

describe('What a camera says over ONVIF', () => {
  it('is read whatever its form is, and is never long', () => {
    const names = fc.constantFrom('probeMatches', 'probeMatch', 'scopes', 'XAddrs', 'other');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.string(),
        fc.integer(),
        fc.constant(null),
        fc.webUrl().map((url) => `onvif://www.onvif.org/name/${url} ${url}`),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(names, tie('value')),
      ),
    }));
    fc.assert(
      fc.property(value, (said) => {
        for (const { address, name = '', hardware = '' } of camerasOf(said, '10.0.0.5')) {
          expect(address).toBe('10.0.0.5');
          expect(name.length + hardware.length).toBeLessThanOrEqual(256);
        }
        const wrapped = camerasOf({ probeMatches: { probeMatch: said } }, '10.0.0.5');
        expect(wrapped.length).toBeLessThanOrEqual(3);
        streamOf(said, said);
      }),
    );
  });

  it.each([
    ['rtsp://10.0.0.5/a', 'rtsp://10.0.0.5/a'],
    ['rtsp://ann:hush@10.0.0.5/a?b=1', 'rtsp://10.0.0.5/a?b=1'],
    ['rtsps://10.0.0.5/a', 'rtsps://10.0.0.5/a'],
    ['file:///etc/shadow', undefined],
    ['gst:videotestsrc', undefined],
    ['not a URL', undefined],
    [7, undefined],
  ])('of a stream at %s is a source only where it is one of a network camera', (uri, source) => {
    expect(streamOf({}, uri)?.source).toBe(source);
  });

  it('of a profile of Profile T is read as that of Profile S', () => {
    const encoder = {
      encoding: 'H265',
      resolution: { width: 1280, height: 720 },
      rateControl: { frameRateLimit: 15 },
    };
    const seen = { source: 'rtsp://a/b', format: 'H265', width: 1280, height: 720, fps: 15 };
    expect(streamOf({ configurations: { videoEncoder: encoder } }, 'rtsp://a/b')).toEqual(seen);
    expect(streamOf({ videoEncoderConfiguration: encoder }, 'rtsp://a/b')).toEqual(seen);
  });
});
