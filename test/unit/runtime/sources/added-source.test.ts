import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addedSource,
  expectNetworks,
  expectReachable,
} from '../../../../src/runtime/sources/added-source.ts';

describe('A camera that somebody of the fleet names', () => {
  it.each([
    ['rtsp://10.0.0.5/s', { kind: 'rtsp', source: 'rtsp://10.0.0.5/s' }],
    ['rtsps://cam.example/s#stall=10s', { kind: 'rtsp', source: 'rtsps://cam.example/s#stall=10s' }],
    ['http://10.0.0.5/video', { kind: 'mjpeg', source: 'http://10.0.0.5/video' }],
    ['v4l2:/dev/video2?size=640x480', { kind: 'v4l2', source: 'v4l2:/dev/video2?size=640x480' }],
    [
      'rtsp://admin:a%40b@10.0.0.5/s?x=@',
      { kind: 'rtsp', source: 'rtsp://10.0.0.5/s?x=@', username: 'admin', password: 'a@b' },
    ],
  ])('%s is one, with its login apart', (source, expected) => {
    expect(addedSource({ source })).toEqual(expected);
  });

  it.each([
    'gst:videotestsrc',
    'csi:0',
    'sim',
    'ros:/camera',
    '/etc/passwd',
    'file:///etc/passwd',
    'mcap:run.mcap',
    'ftp://10.0.0.5/x',
    'v4l2:/dev/../etc/passwd',
    'v4l2:/dev/mem',
    'v4l2:/dev/v4l/by-id/../../mem',
    `rtsp://admin:${'$'}{MQTT_PASSWORD}@10.0.0.5/s`,
    'http://10.0.0.5/$HOME',
    'rtsp:///x',
    ' rtsp://10.0.0.5/s',
    'concat:rtsp://10.0.0.5/s',
  ])('%s is none', (source) => {
    expect(() => addedSource({ source })).toThrow();
  });

  it('gives an error and nothing else, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((rest) => `rtsp://${rest}`),
        ),
        (source) => {
          try {
            const { source: plain } = addedSource({ source });
            expect(new URL(plain).password).toBe('');
          } catch (error) {
            expect((error as { code?: string }).code).toEqual(expect.any(String));
          }
        },
      ),
    );
  });
});

describe('The networks in which it may be', () => {
  const reach = (host: string, networks: readonly string[] = []) =>
    expectReachable({ kind: 'mjpeg', source: `http://${host}/x` }, networks).then(
      () => 'ok',
      (error: { code: string }) => error.code,
    );

  it.each([
    ['10.0.0.5', [], 'ok'],
    ['127.0.0.1:8080', [], 'camera-network'],
    ['localhost', [], 'camera-network'],
    ['2130706433', [], 'camera-network'],
    ['[::1]', [], 'camera-network'],
    ['[::ffff:127.0.0.1]', [], 'camera-network'],
    ['169.254.169.254', [], 'camera-network'],
    ['0.0.0.0', [], 'camera-network'],
    ['10.0.0.5', ['10.0.0.0/16'], 'ok'],
    ['10.1.0.5', ['10.0.0.0/16'], 'camera-network'],
    ['127.0.0.1', ['127.0.0.0/8'], 'ok'],
  ] as const)('%s with %j: %s', async (host, networks, expected) => {
    expect(await reach(host, networks)).toBe(expected);
  });

  it.each(['10.0.0.0/33', '999.1.1.1/8', 'fd00::/129'])(
    'are refused at the start where one is %s',
    (network) => {
      expect(() => expectNetworks(['10.0.0.0/8', 'fd00::/8', network])).toThrow(
        expect.objectContaining({ code: 'settings-invalid', message: expect.stringContaining(network) }),
      );
    },
  );
});
