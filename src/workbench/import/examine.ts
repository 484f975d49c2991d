import { type ConstantInput, pictureSides, tensorsOf } from '../../model/index.ts';
import type { LoadedGraph, RunTensor, RunTensors } from '../../optimize/index.ts';
import {
  type Evidence,
  EvidenceCollector,
  type Image,
  type InputTensor,
  Letterboxer,
} from '../../perception/index.ts';
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
  const { input, output } = contracts;
  const dims = [1, ...pictureSides(input)];
  const letterboxer = new Letterboxer(input);
  const collector = new EvidenceCollector(contracts, labels);
  const constants = constantFeeds(input.constants ?? []);
  const names = tensorsOf(output);
  const look = async (picture: Image) => {
    const data: InputTensor = letterboxer.allocate();
    const geometry = letterboxer.run(picture, data);
    const feeds = { ...constants, [input.tensor]: { dataType: dataTypes[input.dtype], dims, data } };
    const { outputs } = await network.run(feeds);
    return { geometry, tensors: names.map((name) => outputOf(name, outputs[name])) };
  };
  for (const picture of pictures) {
    const { tensors, geometry } = await look(picture);
    collector.add(tensors, geometry, picture);
  }
  const { tensors, geometry } = await look(grey);
  collector.addGrey(tensors, geometry, grey);
  return collector.evidence;
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
