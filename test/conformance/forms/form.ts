import type { ContractOverrides } from '../../../src/model/index.ts';

/** A tensor as an exporter declares it: `images float32[1,3,640,640]`; a side without a number is open. */
export type TensorText = string;

/**
 * One form of a real network: names, axes, types and notes as its exporter writes them. The table is in `table/`; each entry names
 * the file of its exporter, or the published network that it was compared with.
 */
export interface Form {
  readonly name: string;
  /** Where the form comes from. */
  readonly from: string;
  readonly inputs: readonly TensorText[];
  readonly outputs: readonly TensorText[];
  /** ONNX's metadata_props. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** How many the user gives; absent: the file names its classes. */
  readonly labels?: number;
  /** The family that the user names. */
  readonly decoder?: string;
  /** What the user says beside them. */
  readonly overrides?: ContractOverrides;
  readonly reads?: Reading;
  /** What import says of a form that the oracle does not read. */
  readonly said?: Omit<Reading, 'oracle'>;
  readonly refused?: Refusal;
}

export interface Reading {
  /** Families that fit, the likeliest first; pictures decide where there are several. */
  readonly ways: readonly string[];
  /** Which of `ways` the network really is; default: the first. */
  readonly family?: string;
  /** Order of colours, scale, fit; and the mean of the first channel where there is one. */
  readonly fed: string;
  /** Sides that the file leaves open, by their names; default 1. */
  readonly open?: Readonly<Record<string, number>>;
  /** Shapes at run time where the file declares wrong ones. */
  readonly really?: Readonly<Record<string, readonly number[]>>;
  readonly oracle: Oracle;
}

/** A formula of oracle.py, and which tensors it reads, as who knows the exporter says it. */
export interface Oracle {
  readonly formula: string;
  readonly tensors: Readonly<Record<string, readonly string[]>>;
}

export interface Refusal {
  readonly code: string;
  readonly words: RegExp;
}

export interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly sides: readonly (number | string)[];
}

/** `images float32[batch,3,640,640]`; a number in quotes is the name of an open side. */
export function tensorOf(text: TensorText): Tensor {
  const [, name, dtype, sides] = /^(\S+) (\w+)\[(.*)\]$/.exec(text) ?? [];
  if (name === undefined || dtype === undefined || sides === undefined)
    throw new Error(`"${text}" is not like "images float32[1,3,640,640]".`);
  const list = sides === '' ? [] : sides.split(',');
  return {
    name,
    dtype,
    sides: list.map((side) => (/^\d+$/.test(side) ? Number(side) : side.replaceAll('"', ''))),
  };
}

/** `{0: 'person', 1: 'bicycle'}`, as Python prints it. */
export function pythonNames(count: number): string {
  return `{${Array.from({ length: count }, (_, at) => `${at}: 'class ${at}'`).join(', ')}}`;
}

/** What Ultralytics notes in each file (ultralytics/engine/exporter.py, `self.metadata`). */
export function ultralytics(
  task: string,
  size: number,
  classes: number,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return {
    description: 'Ultralytics model',
    author: 'Ultralytics',
    version: '8.4.63',
    license: 'AGPL-3.0 License',
    stride: '32',
    task,
    batch: '1',
    imgsz: `[${size}, ${size}]`,
    names: pythonNames(classes),
    ...more,
  };
}
