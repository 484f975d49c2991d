import { describe, expect, it } from 'vitest';
import { explainWords } from '../../../../src/adapters/ffmpeg/explain-words.ts';
import { programOf } from '../../../../src/adapters/ffmpeg/program.ts';
import { ShownFrames } from '../../../../src/adapters/ffmpeg/shown-frames.ts';

const config = '[Parsed_showinfo_1 @ 0x7f90] [info] config in time_base: 1/90000, frame_rate: 30/1\n';
const line = (n: number, pts: number | string, size: string) =>
  `[Parsed_showinfo_1 @ 0x7f90] [info] n:${String(n).padStart(4)} pts:${String(pts).padStart(7)} pts_time:1.5 duration: 3000 fmt:nv12 cl:left sar:1/1 s:${size} i:P iskey:1 type:I\n`;

describe('What ffmpeg says of its frames', () => {
  it('is read in any pieces, exact to the tick, with sizes that change', async () => {
    const text = `${config}${line(0, 0, '64x48')}${line(1, 3003, '64x48')}${line(2, 'NOPTS', '32x24')}`;
    for (const piece of [1, 7, 1000]) {
      const shown = new ShownFrames();
      for (let at = 0; at < text.length; at += piece) shown.push(text.slice(at, at + piece));
      expect(await shown.next()).toEqual({ timeNs: 0n, width: 64, height: 48 });
      expect(await shown.next()).toEqual({ timeNs: 33_366_666n, width: 64, height: 48 });
      expect(await shown.next()).toEqual({ width: 32, height: 24 });
    }
  });

  it('lets who asks early wait, and tells him the end', async () => {
    const shown = new ShownFrames();
    const first = shown.next();
    shown.push(config + line(0, 9, '2x2'));
    expect(await first).toMatchObject({ width: 2 });
    const second = shown.next();
    shown.end();
    expect(await second).toBeUndefined();
  });

  it('keeps the last errors without addresses of memory, and counts those of a decoder', () => {
    const shown = new ShownFrames();
    for (let i = 0; i < 50; i++) shown.push(`[h264 @ 0x55aa] [error] error while decoding MB ${i}\n`);
    shown.push('[info] Stream mapping:\n[warning] never mind\n[error] Error opening input.\n');
    expect([shown.decodeErrors, shown.errors]).toEqual([50, 51]);
    expect(shown.words.split('\n')).toHaveLength(12);
    expect(shown.words).toContain('[h264] error while decoding MB 49\nError opening input.');
  });
});

describe('What ffmpeg says when it ends', () => {
  it.each([
    ['[rtsp] method DESCRIBE failed: 401 Unauthorized', 'camera-refused'],
    ['Server returned 403 Forbidden (access denied)', 'camera-refused'],
    ['[rtsp] method DESCRIBE failed: 404 Not Found', 'camera-path'],
    ['[tcp] Connection to tcp://10.0.0.5:554 failed: Connection refused', 'camera-unreachable'],
    ['[tcp] Failed to resolve hostname camera.example: Name or service not known', 'camera-unreachable'],
    ['[tls] error:0A000086:SSL routines::certificate verify failed', 'camera-unreachable'],
    ['Decoder (codec av1) not found for input stream #0:0', 'camera-codec'],
    ["Stream map '' matches no streams.", 'camera-codec'],
  ])('%s is %s', (said, code) => {
    expect(explainWords(`something before\n${said}`, 'rtsp://camera/x', true)?.code).toBe(code);
  });

  it('is not interpreted if it has no known meaning', () => {
    expect(explainWords('Broken pipe', 'rtsp://camera/x', false)).toBeUndefined();
  });
});

describe('The options of an ffmpeg', () => {
  it.each([
    ['ffmpeg version 4.2.7-0ubuntu0.1', '-vsync', 0, false],
    ['ffmpeg version 4.4.2-0ubuntu0.22.04.1', '-vsync', 1, false],
    ['ffmpeg version 6.1.1-3ubuntu5', '-fps_mode', 1, true],
    ['ffmpeg version n7.1', '-fps_mode', 1, true],
    ['ffmpeg version N-109542-g8f2cd38', '-fps_mode', 1, true],
  ])('%s', (version, passthrough, ownSizes, listOptions) => {
    const program = programOf('ffmpeg', version);
    expect([program.passthrough[0], program.ownSizes.length, program.listOptions]).toEqual([
      passthrough,
      ownSizes,
      listOptions,
    ]);
  });
});
