import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findOwnCamera } from '../../../../src/runtime/sources/camera-place.ts';

const found = async (own: string, source: string) =>
  (await findOwnCamera({ first: { source: 'sim' }, front: { source: own } }))(source);

describe('A camera of the settings file', () => {
  it.each([
    ['rtsp://10.0.0.5/s', 'rtsp://10.0.0.5/s'],
    ['rtsp://10.0.0.5/s', 'rtsp://admin:word@10.0.0.5:554/other?x=1#transport=udp'],
    ['rtsp://admin:word@10.0.0.5/s', 'RTSP://10.0.0.5'],
    ['rtsp://10.0.0.5/main', 'rtsp://10.0.0.5:8554/sub/'],
    ['rtsp://10.0.0.5/s', 'http://10.0.0.5:8080/video.mjpeg'],
    ['http://10.0.0.5/', 'rtsps://10.0.0.5:322/s'],
    ['rtsp://10.0.0.5/s', 'rtsp://167772165/s'],
    ['rtsp://10.0.0.5/s', 'rtsp://0x0a.0.0.05/s'],
    ['rtsp://10.0.0.5/s', 'rtsp://10%2E0.0.5/s'],
    ['rtsp://10.0.0.5/s', 'rtsp://[::ffff:10.0.0.5]/s'],
    ['rtsp://[fd00::5]/s', 'rtsp://[FD00:0:0::0005]:554/s'],
    ['rtsp://camera.invalid/s', 'rtsp://CAMERA.Invalid.:554/s/'],
    ['rtsp://localhost/s', 'rtsp://127.0.0.1/s'],
    ['rtsp://127.0.0.1/s', 'rtsp://LocalHost./s'],
    ['gst:rtspsrc location="rtsp://admin:word@10.0.0.5/s" ! rtph264depay', 'rtsp://10.0.0.5/s'],
    ['gst:rtspsrc location=rtspt://10.0.0.5:554/s ! decodebin', 'http://10.0.0.5/s'],
    ['gst:tcpclientsrc host=10.0.0.5 port=9000 ! jpegdec', 'http://10.0.0.5/s'],
    ['v4l2:/dev/video7', 'v4l2:/dev/video7?size=640x480&fps=5'],
    ['gst:v4l2src device=/dev/video7 ! jpegdec', 'v4l2:/dev/video7'],
    ['gst:v4l2src ! jpegdec', 'v4l2:/dev/video0'],
  ])('%s is the one at %s', async (own, source) => {
    expect(await found(own, source)).toBe('front');
  });

  it.each([
    ['rtsp://10.0.0.5/s', 'rtsp://10.0.0.6/s'],
    ['rtsp://10.0.0.5/s', 'rtsp://10.0.0.55/s'],
    ['rtsp://10.0.0.5/10.0.0.6', 'rtsp://10.0.0.6/s'],
    ['rtsp://10.0.0.6@10.0.0.5/s', 'rtsp://10.0.0.6/s'],
    ['rtsp://camera.invalid/s', 'rtsp://other.invalid/s'],
    ['v4l2:/dev/video7', 'v4l2:/dev/video8'],
    ['v4l2:/dev/video1', 'v4l2:/dev/video11'],
    ['gst:v4l2src device=/dev/video7 ! jpegdec', 'v4l2:/dev/video0'],
    ['ros:/camera/image_raw', 'rtsp://10.0.0.5/s'],
    ['csi:0', 'v4l2:/dev/video0'],
    ['/videos/rtsp/10.0.0.5', 'rtsp://10.0.0.5/s'],
  ])('%s is not the one at %s', async (own, source) => {
    expect(await found(own, source)).toBeUndefined();
  });

  it('is found by the device node behind its link', async () => {
    const folder = mkdtempSync('/dev/shm/goshawk-node-');
    try {
      writeFileSync(join(folder, 'video0'), '');
      symlinkSync(join(folder, 'video0'), join(folder, 'by-id'));
      expect(await found(`v4l2:${folder}/by-id?fps=5`, `v4l2:${folder}/video0`)).toBe('front');
      expect(await found(`gst:v4l2src device=${folder}/video0 ! jpegdec`, `v4l2:${folder}/by-id`)).toBe(
        'front',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is found whatever user, port, path and query stand around its host', async () => {
    const part = fc.stringMatching(/^[A-Za-z0-9@:%._~-]{0,12}$/).map(encodeURIComponent);
    const scheme = fc.constantFrom('rtsp', 'RTSPS', 'http', 'Https');
    const spelling = fc.constantFrom(
      '10.0.0.5',
      '167772165',
      '0xa000005',
      '10.5',
      '012.0.0.5',
      '[::ffff:a00:5]',
    );
    const address = fc
      .tuple(scheme, part, part, spelling, fc.integer({ min: 1, max: 65_535 }), part, part)
      .map(
        ([kind, user, word, host, port, path, query]) =>
          `${kind}://${user === '' ? '' : `${user}:${word}@`}${host}:${port}/${path}?q=${query}`,
      );
    await fc.assert(
      fc.asyncProperty(address, address, async (own, source) => {
        expect(await found(own, source)).toBe('front');
      }),
    );
  });
});
