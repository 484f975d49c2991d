import { describe, expect, it } from 'vitest';
import { firstChoices, missingParts, type PartName, type TriedParts } from '../../../src/image/index.ts';

const names: readonly PartName[] = [
  ...(['plane', 'onnxruntime', 'isolated', 'tensorrt'] as const),
  ...(['cyclone', 'fastdds', 'gstreamer', 'ffmpeg'] as const),
];
const without = (...gone: readonly PartName[]) =>
  Object.fromEntries(names.map((name) => [name, gone.includes(name) ? `no ${name}` : ''])) as TriedParts;
const camera = (source: string) => ({ cameras: { front: { source } } });

describe('The settings of a board', () => {
  it.each([
    ['rtsp://10.0.0.5/live', ['gstreamer', 'ffmpeg']],
    ['rtsp://10.0.0.5/live#decoder=ffmpeg', ['ffmpeg']],
    ['http://10.0.0.5/mjpeg#stall=5&decoder=gstreamer', ['gstreamer']],
    ['gst:videotestsrc', ['gstreamer']],
    ['csi:0', ['gstreamer']],
    ['v4l2:/dev/video0', ['plane']],
    ['ros:/camera/image_raw', ['cyclone', 'fastdds']],
    ['/var/clips/day.mp4', ['ffmpeg']],
  ] as const)('need for a camera %s any of %s', (source, parts) => {
    expect(missingParts(camera(source), without())).toEqual([]);
    const others = names.filter((name) => !(parts as readonly string[]).includes(name));
    expect(missingParts(camera(source), without(...others))).toEqual([]);
    const [missing] = missingParts(camera(source), without(...parts));
    expect(missing?.problem).toContain(`cameras.front.source needs ${parts.join(' or ')}: no ${parts[0]}`);
  });

  it('need nothing for the simulated street', () => {
    expect(missingParts(camera('sim?fog=4'), without(...names))).toEqual([]);
  });

  it('need the middleware that they name, and its package is the remedy', () => {
    expect(missingParts({ ros: { adapter: 'fastdds' } }, without('fastdds'))).toEqual([
      { problem: 'ros needs fastdds: no fastdds', remedy: '--package libfastdds3.1' },
    ]);
    expect(missingParts({ ros: {} }, without('fastdds'))).toEqual([]);
  });

  it('need the engine that they name, and its process', () => {
    const said = missingParts({ engine: 'tensorrt', isolate: true }, without('tensorrt', 'isolated'));
    expect(said.map(({ problem }) => problem)).toEqual([
      'engine needs tensorrt: no tensorrt',
      'isolate needs isolated: no isolated',
    ]);
    expect(said[0]?.remedy).toContain('"onnxruntime"');
    expect(missingParts({ engine: 'auto' }, without('tensorrt', 'onnxruntime'))).toEqual([]);
  });
});

describe('The packages of an agent', () => {
  it('are the first of each alternative, without versions', () => {
    expect(firstChoices('libc6 (>= 2.35), libturbojpeg0 | libturbojpeg, python3:any\n')).toEqual([
      'libc6',
      'libturbojpeg0',
      'python3',
    ]);
    expect(firstChoices('')).toEqual([]);
  });
});
