import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GoshawkError } from '../../../../src/base/index.ts';
import { defaultCdrLimits } from '../../../../src/ros2/cdr/cdr-reader.ts';
import {
  CdrWriter,
  checkCompressedPicture,
  checkPicture,
  type ImageMessage,
  type ParameterEvent,
  readCompressedImage,
  readDetections,
  readDiagnostics,
  readImage,
  readModelEvent,
  readParameterEvent,
  readParticipantEntities,
  readPerceptionInfo,
  readTransforms,
  writeCompressedImage,
  writeDetections,
  writeDiagnostics,
  writeImage,
  writeModelEvent,
  writeParameterEvent,
  writeParticipantEntities,
  writePerceptionInfo,
  writeTransforms,
} from '../../../../src/ros2/index.ts';
import { fromHex, golden, rosGolden } from './golden.ts';

const header = { stampNs: 1_700_000_000_123_456_789n, frameId: 'cam' };
const image: ImageMessage = {
  header,
  height: 2,
  width: 3,
  encoding: 'rgb8',
  isBigendian: false,
  step: 9,
  data: Uint8Array.from({ length: 18 }, (_, at) => at),
};
const box = { x1: 10, y1: 15, x2: 20, y2: 36 };
const objects = [
  { label: 'person', score: 0.25, box, trackId: 7 },
  { label: 'fahrrad-ü', score: 1.25, box },
];

const code = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    if (error instanceof GoshawkError && error.remedy !== '') return error.code;
    throw error;
  }
  return 'no error';
};

/** A copy: the writer uses its buffer again. */
const kept = (bytes: Uint8Array) => Uint8Array.from(bytes);

describe('Bytes of an independent writer', () => {
  it('are what an Image is written as, and read as', () => {
    expect(kept(writeImage(new CdrWriter(), image))).toEqual(fromHex(golden.image));
    expect(readImage(fromHex(golden.image))).toEqual(image);
  });

  it('are what a ParameterEvent is written as, up to the padding at the end, and read as', () => {
    const event: ParameterEvent = {
      stampNs: 1_700_000_000_123_456_789n,
      node: '/goshawk',
      added: [{ name: 'enabled', value: { type: 'bool', value: true } }],
      changed: [
        { name: 'score_threshold', value: { type: 'double', value: 0.25 } },
        { name: 'classes', value: { type: 'string_array', value: ['car', 'fahrrad-ü'] } },
      ],
    };
    const theirs = fromHex(golden.parameterEvent);
    const ours = kept(writeParameterEvent(new CdrWriter(), event));
    expect(ours).toEqual(theirs.subarray(0, ours.length));
    expect(theirs.length - ours.length).toBeLessThan(4);
    expect(readParameterEvent(theirs)).toEqual(event);
  });

  it('are what a Detection2DArray is written as, up to the padding at the end, and read as', () => {
    const theirs = fromHex(golden.detections);
    const ours = writeDetections(new CdrWriter(), header, objects);
    expect(kept(ours)).toEqual(theirs.subarray(0, ours.length));
    expect(theirs.length - ours.length).toBeLessThan(4);
    const read = readDetections(theirs);
    expect(read.header).toEqual(header);
    expect(read.detections.map(({ id }) => id)).toEqual(['7', '']);
    expect(read.detections[1]?.hypotheses).toEqual([{ classId: 'fahrrad-ü', score: 1.25 }]);
    expect(read.detections[0]?.box).toEqual(box);
  });
});

const headers = fc.record({
  stampNs: fc.bigInt({ min: -(2n ** 31n) * 1_000_000_000n, max: (2n ** 31n - 1n) * 1_000_000_000n }),
  frameId: fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0')),
});
const guid = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe('Every message comes back as it was written, little- and big-endian', () => {
  const both = (check: (writer: CdrWriter) => void) => {
    check(new CdrWriter({ capacity: 4 }));
    check(new CdrWriter({ littleEndian: false }));
  };

  it('Image, with its data as a view of the message', () => {
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 99 }), fc.boolean(), (head, data, isBigendian) => {
        both((writer) => {
          const message = { ...image, header: head, data, isBigendian };
          const bytes = kept(writeImage(writer, message));
          const read = readImage(bytes);
          expect(read).toEqual(message);
          expect(read.data.buffer).toBe(bytes.buffer);
        });
      }),
    );
  });

  it('CompressedImage and DiagnosticArray', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 9 }).filter((each) => !each.includes('\0'));
    const status = fc.record({
      level: fc.nat({ max: 3 }),
      name: text,
      message: text,
      hardwareId: text,
      values: fc.dictionary(
        text.filter((key) => key !== '__proto__'),
        text,
        { noNullPrototype: true },
      ),
    });
    fc.assert(
      fc.property(
        headers,
        fc.uint8Array({ maxLength: 9 }),
        fc.array(status, { maxLength: 4 }),
        (head, data, statuses) => {
          both((writer) => {
            const message = { header: head, format: 'jpeg', data };
            expect(readCompressedImage(kept(writeCompressedImage(writer, message)))).toEqual(message);
            const read = readDiagnostics(kept(writeDiagnostics(writer, head, statuses)));
            expect(read).toEqual({ header: head, statuses });
          });
        },
      ),
    );
  });

  it('ParticipantEntitiesInfo with Gids of 16 and of 24 octets', () => {
    const node = fc.record({
      namespace: fc.constant('/robot'),
      name: fc.constantFrom('a', 'goshawk'),
      readers: fc.array(guid, { maxLength: 3 }),
      writers: fc.array(guid, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(guid, fc.array(node, { maxLength: 3 }), (participant, nodes) => {
        both((writer) => {
          const value = { participant, nodes };
          expect(readParticipantEntities(kept(writeParticipantEntities(writer, value, 16)), 16)).toEqual(
            value,
          );
          const long = readParticipantEntities(kept(writeParticipantEntities(writer, value, 24)), 24);
          expect(long.participant).toEqual(Uint8Array.of(...participant, 0, 0, 0, 0, 0, 0, 0, 0));
          expect(long.nodes.map(({ readers }) => readers.length)).toEqual(
            nodes.map(({ readers }) => readers.length),
          );
        });
      }),
    );
  });

  it('PerceptionInfo and ModelEvent', () => {
    both((writer) => {
      const shared = { header, engine: 'tensorrt', precision: 'int8' };
      const info = {
        ...shared,
        camera: 'front',
        model: 'street',
        version: '1.2.0',
        digest: 'sha256:00',
        captureToPublishMs: 1.5,
        preprocessMs: 0.25,
        inferMs: 0.5,
        postprocessMs: 0.125,
        candidates: 40,
        framesReceived: 2n ** 40n,
        framesPublished: 3n,
        framesLost: 0n,
      };
      expect(readPerceptionInfo(kept(writePerceptionInfo(writer, info)))).toEqual(info);
      const event = {
        ...shared,
        oldModel: '',
        oldVersion: '',
        oldDigest: '',
        newModel: 'street',
        newVersion: '2',
        newDigest: 'sha256:11',
      };
      expect(readModelEvent(kept(writeModelEvent(writer, event)))).toEqual(event);
    });
  });
});

describe('Bad input is an InputError with a remedy', () => {
  const good = kept(writeImage(new CdrWriter(), image));

  it('for a message cut anywhere', () => {
    const detections = kept(writeDetections(new CdrWriter(), header, objects));
    for (let length = 0; length < good.length; length += 1) {
      expect(code(() => readImage(good.subarray(0, length)))).toBe('cdr-truncated');
    }
    for (let length = 0; length < detections.length; length += 1) {
      expect(code(() => readDetections(detections.subarray(0, length)))).toBe('cdr-truncated');
    }
  });

  it('for another encapsulation than plain CDR version 1', () => {
    for (const kind of [2, 3, 6, 7, 8, 9, 255]) {
      expect(code(() => readImage(Uint8Array.of(0, kind, ...good.subarray(2))))).toBe('cdr-encapsulation');
    }
  });

  it('for 100 MB, and for a small message that says it is large', () => {
    expect(code(() => readImage(new Uint8Array(100_000_000)))).toBe('cdr-too-large');
    const writer = new CdrWriter();
    writer.int32(0);
    writer.uint32(0);
    writer.string('cam');
    writer.uint32(4_000_000_000);
    expect(code(() => readDetections(writer.finish()))).toBe('cdr-too-large');
    expect(code(() => readImage(good, { ...defaultCdrLimits, maxString: 2 }))).toBe('cdr-too-large');
  });

  it('for any bytes at all: a value or an InputError, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 1 }), (noise, endian) => {
        const bytes = Uint8Array.of(0, endian, 0, 0, ...noise);
        for (const read of [
          readImage,
          readCompressedImage,
          readDetections,
          readDiagnostics,
          readPerceptionInfo,
        ]) {
          code(() => read(bytes));
        }
        code(() => readParticipantEntities(bytes, 16));
      }),
    );
  });

  it.each([
    ['mono16', true, 'mono16be'],
    ['mono16', false, 'mono16'],
    ['bayer_gbrg16', true, 'bayer_gbrg16be'],
    ['bayer_gbrg16', false, 'bayer_gbrg16'],
    ['bayer_gbrg8', true, 'bayer_gbrg8'],
    ['rgba8', true, 'rgba8'],
  ])('not for %s where big-endian is %s: it is converted as %s', (encoding, isBigendian, raw) => {
    const data = new Uint8Array(16);
    const size = { width: 2, height: 2, step: 8, data };
    expect(checkPicture({ ...image, ...size, encoding, isBigendian }).raw?.encoding).toBe(raw);
  });

  it('for a picture whose header and data do not fit each other', () => {
    const check = (change: Partial<ImageMessage>) => code(() => checkPicture({ ...image, ...change }));
    expect(check({})).toBe('no error');
    expect(check({ data: new Uint8Array(17) })).toBe('ros-image-size');
    expect(check({ step: 8, data: new Uint8Array(16) })).toBe('ros-image-size');
    expect(check({ data: new Uint8Array(0) })).toBe('ros-image-empty');
    expect(check({ width: 0 })).toBe('ros-image-empty');
    expect(check({ encoding: 'bayer_rggb12' })).toBe('ros-encoding');
    expect(check({ encoding: '__proto__' })).toBe('ros-encoding');
    expect(check({ width: 70_000 })).toBe('ros-image-size');
    expect(check({ encoding: 'yuyv' })).toBe('ros-image-size');
  });

  it('for a stamp with more than a second of nanoseconds, or one that the message can’t hold', () => {
    const wrong = kept(good);
    wrong.fill(255, 8, 12);
    expect(code(() => readImage(wrong))).toBe('ros-stamp');
    const late = { ...image, header: { ...header, stampNs: 2n ** 62n } };
    expect(code(() => writeImage(new CdrWriter(), late))).toBe('ros-stamp');
  });

  it('for compressed pictures that are no JPEG or have no size', () => {
    const jpeg = (data: number[]) => ({ header, format: 'jpeg', data: Uint8Array.from(data) });
    expect(code(() => checkCompressedPicture(jpeg([0x89, 0x50])))).toBe('ros-encoding');
    expect(code(() => checkCompressedPicture(jpeg([0xff, 0xd8, 0xff, 0xd9])))).toBe('ros-image-size');
    const start = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 11, 8, 0, 2, 0, 3, 1, 0, 0, 0];
    expect(checkCompressedPicture(jpeg(start))).toEqual({ width: 3, height: 2 });
  });
});

describe('Bytes of ROS 2 Jazzy', () => {
  const upToPadding = (ours: Uint8Array, theirs: string) => {
    const bytes = fromHex(theirs);
    expect(kept(ours)).toEqual(bytes.subarray(0, ours.length));
    expect(bytes.length - ours.length).toBeLessThan(4);
    return bytes;
  };
  const writer = new CdrWriter();

  it('are those of Image and CompressedImage', () => {
    const theirs = upToPadding(writeImage(writer, image), rosGolden.image);
    expect(readImage(theirs)).toEqual(image);
    const compressed = { header, format: 'jpeg', data: Uint8Array.of(255, 216, 255) };
    expect(
      readCompressedImage(upToPadding(writeCompressedImage(writer, compressed), rosGolden.compressed)),
    ).toEqual(compressed);
  });

  it('are those of Detection2DArray', () => {
    const read = readDetections(upToPadding(writeDetections(writer, header, objects), rosGolden.detections));
    expect(read.detections.map(({ id }) => id)).toEqual(['7', '']);
  });

  it('are those of DiagnosticArray', () => {
    const status = {
      level: 1,
      name: 'goshawk: front',
      message: 'slow',
      hardwareId: 'front',
      values: { model: 'street 1' },
    };
    upToPadding(writeDiagnostics(writer, header, [status]), rosGolden.diagnostics);
  });

  it('are those of ParticipantEntitiesInfo', () => {
    const entities = {
      participant: Uint8Array.from({ length: 16 }, (_, at) => at),
      nodes: [{ namespace: '/', name: 'goshawk', readers: [new Uint8Array(16).fill(1)], writers: [] }],
    };
    expect(
      readParticipantEntities(
        upToPadding(writeParticipantEntities(writer, entities, 16), rosGolden.graph),
        16,
      ),
    ).toEqual(entities);
  });

  it('are those of TFMessage', () => {
    const stampNs = header.stampNs;
    const transforms = [
      {
        ...{ stampNs, parent: 'odom', child: 'base_link', translation: { x: 1.5, y: -0.25, z: 0 } },
        rotation: { x: 0, y: 0, z: 0.6, w: 0.8 },
      },
      {
        ...{ stampNs, parent: 'base_link', child: 'cam', translation: { x: 0.1, y: 0, z: 0.5 } },
        rotation: { x: -0.5, y: 0.5, z: -0.5, w: 0.5 },
      },
    ];
    const theirs = upToPadding(writeTransforms(writer, transforms), rosGolden.transforms);
    expect(readTransforms(theirs)).toEqual(transforms);
  });

  it('are those of PerceptionInfo and ModelEvent', () => {
    const info = {
      header,
      camera: 'front',
      model: 'street',
      version: '1.2',
      digest: 'sha256:ab',
      engine: 'native',
      precision: 'int8',
      captureToPublishMs: 8.5,
      preprocessMs: 0.25,
      inferMs: 3,
      postprocessMs: 0.5,
      candidates: 42,
      framesReceived: 10_000_000_000n,
      framesPublished: 9n,
      framesLost: 1n,
    };
    expect(readPerceptionInfo(upToPadding(writePerceptionInfo(writer, info), rosGolden.info))).toEqual(info);
    const event = {
      header,
      oldModel: 'a',
      oldVersion: '1',
      oldDigest: 'x',
      newModel: 'b',
      newVersion: '2',
      newDigest: 'y',
      engine: 'native',
      precision: 'fp16',
    };
    expect(readModelEvent(upToPadding(writeModelEvent(writer, event), rosGolden.event))).toEqual(event);
  });
});
