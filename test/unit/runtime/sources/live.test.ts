import { describe, expect, it } from 'vitest';
import { GoshawkError, InputError } from '../../../../src/base/index.ts';
import { cameraRefused, cameraUnreachable } from '../../../../src/perception/index.ts';
import { parseCameraUrl } from '../../../../src/runtime/sources/camera-url.ts';
import { cameraRetry, checkLive, isLive } from '../../../../src/runtime/sources/live.ts';
import { redactor, redactSource } from '../../../../src/runtime/sources/redact.ts';

/** As a user writes a variable. */
const variable = (name: string) => `\${${name}}`;

describe('The address of a camera', () => {
  it('keeps its query for the camera and its fragment for us', () => {
    const { url, where, options } = parseCameraUrl(
      'rtsp://ann:secret1@[fe80::1]:8554/x?channel=1&subtype=0#transport=udp&key-frames&stall=20s&decoder=ffmpeg',
      {},
    );
    expect(url.href).toBe('rtsp://ann:secret1@[fe80::1]:8554/x?channel=1&subtype=0');
    expect(where).toBe('rtsp://[fe80::1]:8554/x?channel=1&subtype=0');
    expect(options).toMatchObject({
      transport: 'udp',
      keyFramesOnly: true,
      stallMs: 20_000,
      decoder: 'ffmpeg',
    });
  });

  it('takes variables of the environment, whatever signs they hold', () => {
    const { url } = parseCameraUrl(`rtsp://${variable('USER_NAME')}:${variable('WORD')}@camera/x`, {
      USER_NAME: 'ann',
      WORD: 'p@ss w#rd/',
    });
    expect(decodeURIComponent(url.password)).toBe('p@ss w#rd/');
    expect(url.hostname).toBe('camera');
  });

  it.each([
    ['rtsp://', /not an address|no host/],
    ['rtsp://camera:99999/x', /not an address/],
    [`rtsp://ann:${variable('NOWHERE')}@camera/x`, /no variable NOWHERE/],
    ['rtsp://camera/x#speed=9', /"speed=9" after the #/],
    ['rtsp://camera/x#stall=1ms', /stall is a time/],
    ['rtsp://ann:secret1#x@camera/x', /is not valid/],
  ])('that is wrong is refused in words that hold no secret: %s', (spec, words) => {
    let said: unknown;
    try {
      parseCameraUrl(spec, {});
    } catch (error) {
      said = error;
    }
    expect(said).toBeInstanceOf(InputError);
    expect((said as InputError).message).toMatch(words);
    expect((said as InputError).explain()).not.toContain('secret1');
  });
});

describe('What messages may show of a source', () => {
  it.each([
    ['rtsp://ann:secret1@camera/x', 'rtsp://camera/x'],
    ['http://camera/video?user=ann&password=secret1&x=1', 'http://camera/video?user=ann&password=...&x=1'],
    ['rtsp://camera/user=ann&pwd=secret1&channel=1', 'rtsp://camera/user=ann&pwd=...&channel=1'],
    ['gst:rtspsrc location=rtsp://ann:secret1@camera/x user-pw=secret1 ! x', /^((?!secret1).)*$/],
  ])('%s', (spec, shown) => {
    const text = redactSource(spec);
    if (typeof shown === 'string') expect(text).toBe(shown);
    else expect(text).toMatch(shown);
  });

  it('holds no form of a secret that somebody else wrote', () => {
    const redact = redactor(['p@ss w#rd']);
    const said = ['p@ss w#rd', 'p%40ss%20w%23rd', Buffer.from('p@ss w#rd').toString('base64')].join(' and ');
    expect(redact(said)).toBe('... and ... and ...');
  });
});

describe('A live source', () => {
  it.each(['rtsp://a/b', 'rtsps://a/b', 'http://a/b', 'https://a/b', 'gst:videotestsrc', 'csi:0'])(
    'is %s',
    (spec) => {
      expect(isLive(spec)).toBe(true);
      expect(() => checkLive(spec)).not.toThrow();
    },
  );

  it.each(['gst:', `gst:${'x'.repeat(5000)}`, 'csi:', 'csi:front'])('cannot be %s', (spec) => {
    expect(() => checkLive(spec)).toThrow(GoshawkError);
  });

  it('that refuses the password is asked seldom, any other soon', () => {
    expect(cameraRetry(cameraRefused('x', true)).firstMs).toBeGreaterThanOrEqual(30_000);
    expect(cameraRetry(cameraUnreachable('x', 'y')).maxMs).toBeLessThanOrEqual(2000);
  });
});
