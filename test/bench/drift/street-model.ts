import { InferenceSession, Tensor } from 'onnxruntime-node';
import {
  type Detection,
  defaultDetectionSettings,
  type Image,
  Letterboxer,
  Postprocessor,
  thumbnail,
} from '../../../src/perception/index.ts';
import { type StreetTruth, streetLabels } from '../../../src/simulation/index.ts';
import { headOf } from '../../fixtures/head.ts';
import type { TraceFrame } from './trace.ts';

export interface StreetModel {
  detect(image: Image): Promise<ReturnType<Postprocessor['run']>>;
}

/** The street's own detector, as the device runs it, on one thread. */
export async function loadStreetModel(path: string): Promise<StreetModel> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const input = {
    tensor: 'images',
    width: 320,
    height: 192,
    layout: 'nchw',
    dtype: 'float32',
    colorOrder: 'rgb',
    scale: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fit: 'center',
    pad: 114,
  } as const;
  const letterboxer = new Letterboxer({ ...input, mean: [0, 0, 0], std: [1, 1, 1] });
  const postprocessor = new Postprocessor(
    { input: letterboxer.input, output: headOf('yolov5', streetLabels.length) },
    streetLabels,
  );
  const buffer = letterboxer.allocate() as Float32Array;
  const feeds = { images: new Tensor('float32', buffer, [1, 3, 192, 320]) };
  return {
    async detect(image) {
      const geometry = letterboxer.run(image, buffer);
      const { output: out } = await session.run(feeds);
      return postprocessor.run(
        [{ name: 'output', data: out!.data as Float32Array, dims: [...out!.dims] }],
        geometry,
        image,
        { ...defaultDetectionSettings, scoreThreshold: 0.1 },
      );
    },
  };
}

type Numbered = Detection & { readonly trackId?: number | undefined };

/** What a recording keeps of a picture, of what the model finds on it, and of what is there. `track` numbers the detections. */
export async function observe(
  model: StreetModel,
  image: Image,
  timeS: number,
  truth: readonly StreetTruth[],
  track: (found: readonly Detection[]) => readonly Numbered[] = (found) => found,
): Promise<TraceFrame> {
  const { detections, candidates } = await model.detect(image);
  return {
    timeS,
    thumbnail: thumbnail(image),
    candidates,
    detections: track(detections).map(({ classId, score, box, trackId }) => ({
      classId,
      score,
      box: [box.x1, box.y1, box.x2, box.y2],
      trackId,
    })),
    truth: truth.map(({ label, box }) => ({ classId: streetLabels.indexOf(label), box })),
  };
}
