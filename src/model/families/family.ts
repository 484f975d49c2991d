import type { Head } from '../head.ts';
import { cellsOf } from '../head.ts';
import type { ConstantInput, InputContract } from '../manifest.ts';

/** How a family was trained, where its file does not say so. */
export type Convention = Pick<InputContract, 'colorOrder' | 'scale' | 'fit'> &
  Partial<Pick<InputContract, 'mean' | 'std' | 'pad'>>;

/** What a family sees of a network; sides of 0 are not known before the run. */
export interface FamilyNetwork {
  readonly outputs: readonly FamilyOutput[];
  /** What the exporter says it is for, as Ultralytics notes it: `detect`, `segment`, `pose`. */
  readonly task: string | undefined;
  /** Inputs beside the picture. */
  readonly furtherInputs: readonly string[];
  /** Labels. */
  readonly classes: number;
  /** Of the input in pixels. */
  readonly width: number;
  readonly height: number;
  /** The user named this family. */
  readonly asked: boolean;
  /** What the user says of them. */
  readonly strides: readonly number[] | undefined;
}

export interface FamilyOutput {
  readonly name: string;
  readonly dims: readonly number[];
  /** It holds whole numbers. */
  readonly integers?: boolean;
}

/** One family of networks: how it is fed, and its head. A file each; the table is in index.ts. */
export interface Family {
  /** `--decoder NAME` */
  readonly name: string;
  /** As its users call it. */
  readonly title: string;
  /** Its outputs in words, with N boxes and C classes: `1 x N x (5 + C)`. */
  readonly layout: string;
  readonly input: Convention;
  /** Those that its networks always have; absent: every network has its own. */
  readonly labels?: readonly string[];
  /** Another family has the same form: it is not tried where nobody named it. */
  readonly onlyAsked?: true;
  /** Further inputs that it needs, by their names; default none. */
  readonly constants?: (network: FamilyNetwork) => readonly ConstantInput[];
  /** The head of this network, or as a sentence why it is none of this family. */
  readonly head: (network: FamilyNetwork) => Head | string;
}

export const defaultStrides: readonly number[] = [8, 16, 32];

/** `LetterBox` of Ultralytics: BGR to RGB, /255. */
export const ultralytics: Convention = { colorOrder: 'rgb', scale: 1 / 255, fit: 'center' };

/** ImageNet's mean and deviation for BGR pixels 0..255, as OpenMMLab and NanoDet write them. */
export const imagenetBytes = {
  mean: [103.53, 116.28, 123.675],
  std: [57.375, 57.12, 58.395],
} satisfies Partial<Convention>;

/** How torchvision and most of PyTorch's classifiers were trained. */
export const imagenet = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} satisfies Partial<Convention>;

/** Cells of all grids: the number of boxes of an anchor-free head. */
export function cellCount(
  input: { readonly width: number; readonly height: number },
  strides: readonly number[],
): number {
  return strides.reduce((cells, stride) => cells + cellsOf(input, stride), 0);
}

/**
 * Exporters give networks that choose their boxes themselves 100 to 1000 of them, mostly 300; such a number of rows is no
 * grid, nor three anchors of one. Decides where a network of one class has as many columns as one with final boxes.
 */
export function isCountOfFinalBoxes(rows: number, network: FamilyNetwork): boolean {
  const cells = cellCount(network, network.strides ?? defaultStrides);
  return rows >= 100 && rows <= 1000 && rows % 100 === 0 && rows !== cells && rows !== 3 * cells;
}

/** For families that write everything into one output of three axes. */
export function inOneOutput(
  layout: string,
  name: string,
  { outputs, classes }: FamilyNetwork,
  head: (output: FamilyOutput) => Head | string,
): Head | string {
  const [output, ...more] = outputs;
  if (output === undefined) return `The decoder ${name} reads one output, and the network has none.`;
  if (more.length > 0)
    return `The decoder ${name} reads one output, but the network has ${outputs.length}: ${outputs.map((o) => o.name).join(', ')}.`;
  const { dims } = output;
  const said = `Output "${output.name}" is ${shapeText(dims)}; the decoder ${name} needs ${layout} with C = ${classes} labels.`;
  if (dims.length !== 3) return `${said} It has ${dims.length} axes where 3 are needed.`;
  if (dims[0]! > 1) return `${said} Its batch is ${dims[0]}.`;
  // Exporters leave the number of boxes open, and never how many values one has.
  const [values, rows] = layout.startsWith('1 x N') ? [dims[2], dims[1]] : [dims[1], dims[2]];
  if (values === 0 && rows !== 0) return `${said} It leaves open how many values a box has.`;
  const found = head(output);
  return typeof found === 'string' ? `${said} ${found}` : found;
}

/** The same sides; one that is not known fits. */
export function hasShape(dims: readonly number[], ...wanted: readonly (number | undefined)[]): boolean {
  return (
    dims.length === wanted.length &&
    wanted.every((side, axis) => side === undefined || dims[axis] === 0 || dims[axis] === side)
  );
}

/** The output with one of these names, whatever its case. */
export function named(
  outputs: readonly FamilyOutput[],
  ...names: readonly string[]
): FamilyOutput | undefined {
  return outputs.find(({ name }) => names.includes(name.toLowerCase()));
}

/** A map is no smaller than a thirty-second of the picture. */
export function isMapOf(
  rows: number,
  columns: number,
  { width, height }: Pick<FamilyNetwork, 'width' | 'height'>,
): boolean {
  const isSide = (side: number, whole: number) => side === 0 || (side * 32 >= whole && side <= whole);
  return isSide(rows, height) && isSide(columns, width) && (rows > 1 || rows === 0);
}

export function shapeText(dims: readonly number[]): string {
  return dims.length === 0 ? 'a single value' : dims.map((side) => side || '?').join(' x ');
}
