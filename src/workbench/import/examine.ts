import { type ConstantInput, pictureSides, tensorsOf } from '../../model/index.ts';
import type { LoadedGraph, RunTensor, RunTensors } from '../../optimize/index.ts';
import {
  defaultDetectionSettings,
  type Evidence,
  EvidenceCollector,
  type Image,
  type InputTensor,
  Letterboxer,
  Postprocessor,
} from '../../perception/index.ts';
import {
  certaintyOf,
  OrderComparison,
  type OtherOrder,
  otherOrderOf,
  swapped,
} from '../pictures/colour-order.ts';
import { outputOf } from '../run-tensor.ts';
import type { Contracts } from './choose-contracts.ts';

/** ONNX's numbers of the types that an input may have. */
const dataTypes = { float32: 1, uint8: 2, int32: 6, int64: 7, float16: 10 } as const;

/** The network on every picture, fed and read by these contracts. */
export async function examine(
  network: LoadedGraph,
  contracts: Contracts,
  labels: readonly string[],
  pictures: readonly Image[],
): Promise<Evidence> {
  const collector = new EvidenceCollector(contracts, labels);
  const look = lookerOf(network, contracts);
  for (const picture of pictures) {
    const { tensors, geometry } = await look(picture);
    collector.add(tensors, geometry, picture);
  }
  const { tensors, geometry } = await look(grey);
  collector.addGrey(tensors, geometry, grey);
  return collector.evidence;
}

/** Red and blue the other way round, where the network is clearly surer of what it then finds; undefined otherwise. */
export async function surerOrder(
  network: LoadedGraph,
  contracts: Contracts,
  labels: readonly string[],
  pictures: AsyncIterable<Image>,
): Promise<OtherOrder | undefined> {
  const order = otherOrderOf(contracts.input);
  const { depth, vector, raw } = contracts.output;
  // These have no scores.
  if (order === undefined || (depth ?? vector ?? raw) !== undefined) return undefined;
  const look = lookerOf(network, contracts);
  const postprocessor = new Postprocessor(contracts, labels);
  const certainty = async (picture: Image) => {
    const { tensors, geometry } = await look(picture);
    const { detections } = postprocessor.run(tensors, geometry, picture, defaultDetectionSettings);
    return certaintyOf(detections);
  };
  const compared = new OrderComparison();
  for await (const picture of pictures)
    compared.add(await certainty(picture), await certainty(swapped(picture)));
  return compared.isClear ? compared.means(order) : undefined;
}

function lookerOf(network: LoadedGraph, { input, output }: Contracts) {
  const dims = [1, ...pictureSides(input)];
  const letterboxer = new Letterboxer(input);
  const constants = constantFeeds(input.constants ?? []);
  const names = tensorsOf(output);
  return async (picture: Image) => {
    const data: InputTensor = letterboxer.allocate();
    const geometry = letterboxer.run(picture, data);
    const feeds = { ...constants, [input.tensor]: { dataType: dataTypes[input.dtype], dims, data } };
    const { outputs } = await network.run(feeds);
    return { geometry, tensors: names.map((name) => outputOf(name, outputs[name])) };
  };
}

/** As grey as the usual pad, so that not even an edge is in it. */
const grey: Image = {
  ...{ width: 640, height: 360, step: 640 * 3, encoding: 'rgb8' },
  data: new Uint8Array(640 * 360 * 3).fill(114),
};

/** Inputs that are the same for every picture. */
function constantFeeds(constants: readonly ConstantInput[]): RunTensors {
  return Object.fromEntries(
    constants.map(({ tensor, dtype, shape, values }): [string, RunTensor] => {
      const data =
        dtype === 'int64'
          ? BigInt64Array.from(values, (value) => BigInt(Math.round(value)))
          : dtype === 'int32'
            ? Int32Array.from(values)
            : Float32Array.from(values);
      return [tensor, { dataType: dataTypes[dtype], dims: shape, data }];
    }),
  );
}
