import { inspectOnnx } from '../../../src/adapters/onnxruntime/index.ts';
import type { NetworkInfo } from '../../../src/model/index.ts';
import type { OutputTensor } from '../../../src/perception/index.ts';
import {
  type Contracts,
  labelsOfFamily,
  waysToRead,
} from '../../../src/workbench/import/choose-contracts.ts';
import { readLabels } from '../../../src/workbench/import/labels.ts';
import type { Form, Reading } from './form.ts';
import { onnxFile } from './onnx-file.ts';
import { randomOutputs } from './outputs.ts';
import { classifierForms } from './table/classifiers.ts';
import { detrForms } from './table/detr.ts';
import { gridForms } from './table/grids.ts';
import { pairForms } from './table/pairs.ts';
import { partForms } from './table/parts.ts';
import { yoloForms } from './table/yolo.ts';

export type ReadForm = Form & { readonly reads: Reading };

export const boxForms = [
  ...yoloForms,
  ...detrForms,
  ...gridForms,
  ...pairForms,
  ...classifierForms,
] as ReadForm[];
/** Those whose parts beside the boxes numpy reads, too. */
export const partReadForms = partForms.filter((form): form is ReadForm => form.reads !== undefined);
export const readForms = [...boxForms, ...partReadForms];
export const saidForms = partForms.filter(({ said }) => said !== undefined);

/** The form as a file, looked at as import does. */
export async function imported(form: Form): Promise<{ network: NetworkInfo; labels: readonly string[] }> {
  const network = await inspectOnnx(onnxFile(form), form.name);
  const labels =
    form.labels === undefined
      ? await readLabels(
          undefined,
          network,
          form.name,
          labelsOfFamily(network, form.overrides ?? {}, form.decoder),
        )
      : Array.from({ length: form.labels }, (_, at) => `class ${at}`);
  return { network, labels };
}

export const wayOf = (
  { family, ways: [first] }: Omit<Reading, 'oracle'>,
  ways: readonly Contracts[],
): Contracts => ways.find(({ output }) => output.family === (family ?? first))!;

/** A form with outputs such as its networks give. */
export interface MadeCase {
  readonly form: ReadForm;
  readonly contracts: Contracts;
  readonly classes: number;
  readonly outputs: readonly OutputTensor[];
}

export async function caseOf(form: ReadForm): Promise<MadeCase> {
  const { network, labels } = await imported(form);
  const ways = waysToRead(network, labels, form.overrides ?? {}, form.decoder);
  const contracts = wayOf(form.reads, ways);
  const { width, height } = contracts.input;
  const classes = labels.length;
  const outputs = randomOutputs(form, form.reads, { width, height, classes }, seedOf(form));
  return { form, contracts, classes, outputs };
}

/** Of its name: another form beside it changes nothing. */
const seedOf = ({ name }: Form): number =>
  [...name].reduce((sum, character) => (Math.imul(sum, 31) + character.codePointAt(0)!) | 0, 7);
