import { OnnxruntimeGraphRunner } from '../../adapters/graph-runner/index.ts';
import { defined, InputError } from '../../base/index.ts';
import { type ContractOverrides, type NetworkInfo, tensorsOf, unsupportedFamily } from '../../model/index.ts';
import type { LoadedGraph } from '../../optimize/index.ts';
import { type Doubt, doubtOf, type Evidence, type Image } from '../../perception/index.ts';
import type { OtherOrder } from '../pictures/colour-order.ts';
import type { CheckPictures } from './check-pictures.ts';
import { ambiguous, type Contracts, fittingContracts } from './choose-contracts.ts';
import { examine, surerOrder } from './examine.ts';

export interface CheckedNetwork {
  readonly bytes: Uint8Array;
  readonly network: NetworkInfo;
  readonly labels: readonly string[];
  readonly contracts: Contracts;
  /** What the user said of input and output. */
  readonly overrides: ContractOverrides;
}

export interface PictureCheck {
  /** In words, with their number. */
  readonly pictures: string;
  readonly findings: number;
  readonly best: number;
  /** Most often first. */
  readonly labels: readonly string[];
  /** Absent where these pictures do not speak for it. */
  readonly otherOrder?: OtherOrder;
}

/** Another way to feed or read the network. */
interface Alternative {
  readonly contracts: Contracts;
  /** As options of the command line. */
  readonly options: string;
}

/** So many pictures are enough to see that another way is the right one. */
const picturesPerAlternative = 4;

/**
 * The network on pictures. Throws where what it says is implausible, with the probable cause: the same pictures are tried
 * with other scales and decoders, and a way that works is named.
 */
export async function checkOnPictures(
  checked: CheckedNetwork,
  { name, pictures, forOrder }: CheckPictures,
): Promise<PictureCheck> {
  const { bytes, contracts, labels } = checked;
  const runner = new OnnxruntimeGraphRunner();
  try {
    const network = await runner.load(bytes);
    const evidence = await examine(network, contracts, labels, pictures);
    const doubt = doubtOf(evidence);
    if (doubt !== undefined) {
      const few = pictures.slice(0, picturesPerAlternative);
      throw implausible(checked, name, doubt, await betterWay(network, checked, few));
    }
    const { findings, best } = evidence;
    const otherOrder = forOrder && (await surerOrder(network, contracts, labels, forOrder()));
    return { pictures: name, findings, best, labels: evidence.labels, ...defined({ otherOrder }) };
  } finally {
    await runner.close();
  }
}

/**
 * The way to read the network that its answers on pictures speak for, where several fit its shapes. Without pictures nobody can
 * tell.
 */
export async function likeliestWay(
  bytes: Uint8Array,
  {
    network,
    labels,
    ways,
  }: {
    readonly network: NetworkInfo;
    readonly labels: readonly string[];
    readonly ways: readonly Contracts[];
  },
  pictures: CheckPictures | undefined,
): Promise<Contracts> {
  const [first, ...others] = ways;
  if (first !== undefined && others.length === 0) return first;
  if (first === undefined || pictures === undefined) throw ambiguous(network, labels, ways);
  const runner = new OnnxruntimeGraphRunner();
  try {
    const graph = await runner.load(bytes);
    let best: { readonly way: Contracts; readonly evidence: Evidence } | undefined;
    for (const way of ways) {
      const few = pictures.pictures.slice(0, picturesPerAlternative);
      const evidence = await evidenceOf(graph, way, labels, few);
      if (evidence === undefined || doubtOf(evidence) !== undefined) continue;
      if (best === undefined || isLikelier(evidence, best.evidence)) best = { way, evidence };
    }
    return best?.way ?? first;
  } finally {
    await runner.close();
  }
}

/** Undefined where the outputs, whose sides the file may leave open, turn out to be none of this family. */
async function evidenceOf(
  graph: LoadedGraph,
  way: Contracts,
  labels: readonly string[],
  pictures: readonly Image[],
): Promise<Evidence | undefined> {
  try {
    return await examine(graph, way, labels, pictures);
  } catch (error) {
    if (error instanceof InputError && error.code === 'model-output') return undefined;
    throw error;
  }
}

/** Findings in one picture; fed with pixels in too wide a range, a network finds something everywhere. */
const crowd = 100;

/**
 * Fed rightly, a network is surer of more boxes. With the same scores, boxes that are read rightly lie on each other, and NMS leaves
 * fewer.
 */
function isLikelier(a: Evidence, b: Evidence): boolean {
  const isCrowded = ({ findings, pictures }: Evidence) => findings > crowd * pictures;
  if (isCrowded(a) !== isCrowded(b)) return isCrowded(b);
  const alike = Math.abs(a.candidates - b.candidates) <= 0.1 * Math.max(a.candidates, b.candidates);
  return alike ? a.findings < b.findings : a.candidates > b.candidates;
}

function implausible(
  { network, labels, contracts, overrides }: CheckedNetwork,
  pictures: string,
  doubt: Doubt,
  better: { readonly options: string; readonly evidence: Evidence } | undefined,
): InputError {
  const said = `On ${pictures} ${doubt.seen}.`;
  if (better !== undefined) {
    const { findings, labels: found } = better.evidence;
    return new InputError(
      'model-implausible',
      `${said} With ${better.options} it finds ${findings} (${found.slice(0, 3).join(', ')}) in ${picturesPerAlternative} of them.`,
      `Import it with ${better.options}, and look at the boxes: goshawk run --draw.`,
    );
  }
  const outputs = network.outputs.filter(({ name }) => name !== overrides.embedding);
  // A family that reads several outputs is sure of what they are.
  const isSure = tensorsOf(contracts.output).length > 1;
  const family = isSure ? undefined : unsupportedFamily({ ...network, outputs }, labels.length);
  if (family !== undefined) {
    return new InputError(
      'model-implausible',
      `${said} The output looks like that of ${family.name}: ${family.sign}.`,
      family.remedy,
    );
  }
  return new InputError(
    'model-implausible',
    `${said} ${doubt.cause}`,
    `${doubt.remedy} --no-check makes the bundle all the same.`,
  );
}

/** The first way that gives plausible findings where the asked one does not. */
async function betterWay(
  network: LoadedGraph,
  checked: CheckedNetwork,
  pictures: readonly Image[],
): Promise<{ readonly options: string; readonly evidence: Evidence } | undefined> {
  for (const { contracts, options } of alternatives(checked)) {
    const evidence = await evidenceOf(network, contracts, checked.labels, pictures);
    if (evidence !== undefined && doubtOf(evidence) === undefined) return { options, evidence };
  }
  return undefined;
}

/** Ways to feed the network with the decoder that was chosen, then with others that fit its output. */
function alternatives({ network, labels, contracts, overrides }: CheckedNetwork): Alternative[] {
  const { family } = contracts.output;
  const others = fittingContracts(network, labels, overrides).filter(
    ({ output }) => output.family !== family,
  );
  return [contracts, ...others].flatMap((way) => {
    const named = way === contracts ? '' : `--decoder ${way.output.family}`;
    const fed = feeds(way).map(({ input, options }) => ({
      contracts: { ...way, input },
      options: [named, options].filter((text) => text !== '').join(' '),
    }));
    return way === contracts ? fed : [{ contracts: way, options: named }, ...fed];
  });
}

type Input = Contracts['input'];

/** The usual ranges of pixels, but for the one that the contract has. */
function feeds({ input }: Contracts): { readonly input: Input; readonly options: string }[] {
  // Bytes have one range.
  if (input.dtype === 'uint8' || input.dtype === 'int32') return [];
  const plain = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const ways: (Pick<Input, 'scale'> & {
    readonly mean: Input['mean'];
    readonly std: Input['std'];
    readonly options: string;
  })[] = [
    { scale: 1, mean: [...plain.mean], std: [...plain.std], options: '--scale 1' },
    { scale: 1 / 255, mean: [...plain.mean], std: [...plain.std], options: '--scale 0.00392157' },
    {
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      options: '--color rgb --scale 0.00392157 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225',
    },
  ];
  return ways
    .filter(({ scale, mean }) => Math.abs(scale / input.scale - 1) > 0.01 || mean[0] !== input.mean[0])
    .map(({ options, mean, std, scale }) => ({
      options: hasOwn(input) && mean[0] === 0 ? `${options} --mean 0 --std 1` : options,
      input: {
        ...input,
        scale,
        mean,
        std,
        ...(mean[0] === 0 || input.colorOrder === 'grey' ? {} : { colorOrder: 'rgb' as const }),
      },
    }));
}

function hasOwn({ mean, std }: Input): boolean {
  return [...mean].some((value) => value !== 0) || [...std].some((value) => value !== 1);
}
