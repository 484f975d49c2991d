import { type CdrLimits, CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { type Header, readHeader, writeHeader } from './header.ts';

/** sensor_msgs/msg/CameraInfo: how a camera sees, by its calibration. */
export interface CameraInfo {
  readonly header: Header;
  readonly height: number;
  readonly width: number;
  /** `plumb_bob`, `rational_polynomial`, `equidistant`. */
  readonly distortionModel: string;
  readonly d: readonly number[];
  /** 3 x 3, 3 x 3 and 3 x 4, row by row. */
  readonly k: readonly number[];
  readonly r: readonly number[];
  readonly p: readonly number[];
  readonly binningX: number;
  readonly binningY: number;
  readonly roi: {
    readonly xOffset: number;
    readonly yOffset: number;
    readonly height: number;
    readonly width: number;
    readonly doRectify: boolean;
  };
}

const kLength = 9;
const rLength = 9;
const pLength = 12;
/** The longest model of OpenCV has 14 coefficients. */
export const cameraInfoLimits: CdrLimits = { maxBytes: 16_384, maxString: 4096, maxElements: 64 };

export function readCameraInfo(bytes: Uint8Array): CameraInfo {
  const reader = new CdrReader(bytes, 'sensor_msgs/msg/CameraInfo', cameraInfoLimits);
  const numbers = (count: number, field: string) =>
    Array.from({ length: count }, () => reader.float64(field));
  return {
    header: readHeader(reader),
    height: reader.uint32('height'),
    width: reader.uint32('width'),
    distortionModel: reader.string('distortion_model'),
    d: numbers(reader.sequence('d', 8), 'd'),
    k: numbers(kLength, 'k'),
    r: numbers(rLength, 'r'),
    p: numbers(pLength, 'p'),
    binningX: reader.uint32('binning_x'),
    binningY: reader.uint32('binning_y'),
    roi: {
      xOffset: reader.uint32('roi.x_offset'),
      yOffset: reader.uint32('roi.y_offset'),
      height: reader.uint32('roi.height'),
      width: reader.uint32('roi.width'),
      doRectify: reader.boolean('roi.do_rectify'),
    },
  };
}

export function writeCameraInfo(writer: CdrWriter, info: CameraInfo): Uint8Array {
  writer.reset();
  writeHeader(writer, info.header);
  writer.uint32(info.height);
  writer.uint32(info.width);
  writer.string(info.distortionModel);
  writer.uint32(info.d.length);
  for (const value of [...info.d, ...info.k, ...info.r, ...info.p]) writer.float64(value);
  writer.uint32(info.binningX);
  writer.uint32(info.binningY);
  writer.uint32(info.roi.xOffset);
  writer.uint32(info.roi.yOffset);
  writer.uint32(info.roi.height);
  writer.uint32(info.roi.width);
  writer.boolean(info.roi.doRectify);
  return writer.finish();
}
