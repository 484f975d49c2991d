import fc from 'fast-check';
import {
  type CameraInfo,
  readCameraInfo,
  readCompressedImage,
  readDetections,
  readDetections3d,
  readImage,
  readLabelInfo,
  readModelEvent,
  readPerceptionInfo,
  readVisionInfo,
  writeCameraInfo,
  writeCompressedImage,
  writeDetections,
  writeDetections3d,
  writeImage,
  writeLabelInfo,
  writeModelEvent,
  writePerceptionInfo,
  writeVisionInfo,
} from '../../../../src/ros2/index.ts';
import {
  ascii,
  both,
  double,
  few,
  float,
  headers,
  octets,
  rosHeader,
  type Subject,
  snakeCase,
  text,
  uint32,
  uint64,
} from './subjects.ts';

/* What we see: pictures, detections and what is known of both. */

const sides = { x1: double, y1: double, x2: double, y2: double };
const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
const point = fc.record({ x: finite, y: finite, z: finite });
const theirDetection = fc.record({
  header: headers(ascii),
  results: few(
    fc.record({
      hypothesis: fc.record({ class_id: ascii, score: double }),
      pose: fc.record({
        pose: fc.record({
          position: point,
          orientation: fc.record({ x: finite, y: finite, z: finite, w: finite }),
        }),
        covariance: fc.float64Array({ minLength: 36, maxLength: 36 }),
      }),
    }),
  ),
  bbox: fc.record({
    center: fc.record({ position: fc.record({ x: finite, y: finite }), theta: double }),
    size_x: finite,
    size_y: finite,
  }),
  id: ascii,
});

export const detections: Subject = {
  type: 'vision_msgs/msg/Detection2DArray',
  written: fc
    .record({
      header: headers(text),
      objects: few(
        fc.record(
          { label: text, score: double, box: fc.record(sides), trackId: fc.nat() },
          { requiredKeys: ['label', 'score', 'box'] },
        ),
      ),
    })
    .map(({ header, objects }) => ({
      by: (writer) => writeDetections(writer, header, objects),
      ros: {
        header: rosHeader(header),
        detections: objects.map(({ label, score, box: { x1, x2, y1, y2 }, trackId }) => ({
          header: rosHeader(header),
          results: [
            {
              hypothesis: { class_id: label, score },
              pose: {
                pose: { position: { x: 0, y: 0, z: 0 }, orientation: { x: 0, y: 0, z: 0, w: 1 } },
                covariance: new Float64Array(36),
              },
            },
          ],
          bbox: {
            center: { position: { x: (x1 + x2) / 2, y: (y1 + y2) / 2 }, theta: 0 },
            size_x: x2 - x1,
            size_y: y2 - y1,
          },
          id: trackId === undefined ? '' : String(trackId),
        })),
      },
    })),
  read: {
    by: (bytes) => readDetections(bytes),
    pairs: fc.tuple(headers(ascii), few(theirDetection)).map(([header, items]) => ({
      ros: {
        header: rosHeader(header),
        detections: items.map((item) => ({ ...item, header: rosHeader(item.header) })),
      },
      ours: {
        header,
        detections: items.map(({ header: own, results, bbox: { center, size_x, size_y }, id }) => {
          const { x, y } = center.position;
          return {
            header: own,
            hypotheses: results.map(({ hypothesis: { class_id, score } }) => ({ classId: class_id, score })),
            box: { x1: x - size_x / 2, y1: y - size_y / 2, x2: x + size_x / 2, y2: y + size_y / 2 },
            theta: center.theta,
            id,
          };
        }),
      },
    })),
  },
};

export const image = both(
  'sensor_msgs/msg/Image',
  (string) =>
    fc.record({
      header: headers(string),
      height: uint32,
      width: uint32,
      encoding: string,
      isBigendian: fc.boolean(),
      step: uint32,
      data: octets,
    }),
  ({ header, isBigendian, ...rest }) => ({
    ...rest,
    header: rosHeader(header),
    is_bigendian: Number(isBigendian),
  }),
  writeImage,
  (bytes) => readImage(bytes),
);

export const compressedImage = both(
  'sensor_msgs/msg/CompressedImage',
  (string) => fc.record({ header: headers(string), format: string, data: octets }),
  ({ header, ...rest }) => ({ ...rest, header: rosHeader(header) }),
  writeCompressedImage,
  (bytes) => readCompressedImage(bytes),
);

export const perceptionInfo = both(
  'goshawk_msgs/msg/PerceptionInfo',
  (string) =>
    fc.record({
      header: headers(string),
      camera: string,
      model: string,
      version: string,
      digest: string,
      engine: string,
      precision: string,
      captureToPublishMs: float,
      preprocessMs: float,
      inferMs: float,
      postprocessMs: float,
      candidates: uint32,
      framesReceived: uint64,
      framesPublished: uint64,
      framesLost: uint64,
    }),
  snakeCase,
  writePerceptionInfo,
  (bytes) => readPerceptionInfo(bytes),
);

export const modelEvent = both(
  'goshawk_msgs/msg/ModelEvent',
  (string) =>
    fc.record({
      header: headers(string),
      oldModel: string,
      oldVersion: string,
      oldDigest: string,
      newModel: string,
      newVersion: string,
      newDigest: string,
      engine: string,
      precision: string,
    }),
  snakeCase,
  writeModelEvent,
  (bytes) => readModelEvent(bytes),
);

const doubles = (length: number) =>
  fc.array(fc.double({ noNaN: true }), { minLength: length, maxLength: length });
const rosRoi = ({ xOffset, yOffset, doRectify, height, width }: CameraInfo['roi']) => ({
  ...{ x_offset: xOffset, y_offset: yOffset, do_rectify: doRectify, height, width },
});
export const cameraInfo = both(
  'sensor_msgs/msg/CameraInfo',
  (string) =>
    fc.record({
      ...{ header: headers(string), height: uint32, width: uint32, distortionModel: string },
      ...{ d: few(fc.double({ noNaN: true })), k: doubles(9), r: doubles(9), p: doubles(12) },
      ...{ binningX: uint32, binningY: uint32 },
      roi: fc.record({
        ...{ xOffset: uint32, yOffset: uint32, height: uint32, width: uint32, doRectify: fc.boolean() },
      }),
    }),
  ({ header, roi, d, k, r, p, ...rest }) => {
    const arrays = { d, k, r, p };
    const floats = Object.fromEntries(
      Object.entries(arrays).map(([name, values]) => [name, Float64Array.from(values)]),
    );
    return { ...snakeCase({ header, ...rest }), ...floats, roi: rosRoi(roi) };
  },
  writeCameraInfo,
  (bytes) => readCameraInfo(bytes),
);
export const labelInfo = both(
  'vision_msgs/msg/LabelInfo',
  (string) =>
    fc.record({
      header: headers(string),
      classes: few(fc.record({ id: fc.nat({ max: 65_535 }), name: string })),
      threshold: float,
    }),
  ({ header, classes, threshold }) => ({
    header: rosHeader(header),
    class_map: classes.map(({ id, name }) => ({ class_id: id, class_name: name })),
    threshold,
  }),
  writeLabelInfo,
  (bytes) => readLabelInfo(bytes),
);
export const visionInfo = both(
  'vision_msgs/msg/VisionInfo',
  (string) =>
    fc.record({
      ...{ header: headers(string), method: string, databaseLocation: string },
      databaseVersion: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    }),
  snakeCase,
  writeVisionInfo,
  (bytes) => readVisionInfo(bytes),
);
export const detections3d = both(
  'vision_msgs/msg/Detection3DArray',
  (string) =>
    fc.record({
      header: headers(string),
      objects: few(
        fc.record({
          ...{ label: string, score: finite, center: point, size: point, id: string },
          orientation: fc.record({ x: finite, y: finite, z: finite, w: finite }),
        }),
      ),
    }),
  ({ header, objects }) => ({
    header: rosHeader(header),
    detections: objects.map(({ label, score, center, orientation, size, id }) => {
      const pose = { position: center, orientation };
      return {
        header: rosHeader(header),
        results: [
          {
            hypothesis: { class_id: label, score },
            pose: { pose, covariance: new Float64Array(36) },
          },
        ],
        bbox: { center: pose, size },
        id,
      };
    }),
  }),
  (writer, { header, objects }) => writeDetections3d(writer, header, objects),
  (bytes) => readDetections3d(bytes),
);
