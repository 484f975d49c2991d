import { describeError, fromBase64, InputError } from '../base/index.ts';
import { invalid } from './request.ts';
import { type InputTensor, oneElement } from './tensor.ts';

/** The only input. */
export const imageInput = 'image';

/** A picture as it came: a file, or rgb8 without gaps. */
export type AskedPicture =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'rgb8'; readonly bytes: Uint8Array; readonly width: number; readonly height: number };

const howToSend =
  'Send one input named "image": BYTES of shape [1] with a JPEG, PNG or WebP, or UINT8 of shape [height, width, 3] with RGB.';
const largestSide = 16_384;

/** The picture of a request. Throws an InputError that says what does not fit. */
export function askedPicture(inputs: readonly InputTensor[]): AskedPicture {
  const [input, ...more] = inputs;
  if (input === undefined || more.length > 0)
    throw invalid(`A request has one input, and this one has ${inputs.length}.`, howToSend);
  if (input.name !== imageInput) throw invalid(`No input is named "${input.name}".`, howToSend);
  if (input.datatype === 'BYTES') return { kind: 'file', bytes: fileOf(input) };
  if (input.datatype === 'UINT8') return rgbOf(input);
  throw invalid(`The input "${input.name}" is ${input.datatype}.`, howToSend);
}

function fileOf({ name, shape, content }: InputTensor): Uint8Array {
  if (shape.length < 1 || shape.length > 2 || shape.some((side) => side !== 1))
    throw invalid(`The input "${name}" has the shape [${shape.join(', ')}] instead of [1].`, howToSend);
  if (content.kind === 'raw') return oneElement(name, content.bytes);
  const [value, ...more] = content.values;
  if (more.length > 0) throw invalid(`The input "${name}" has ${content.values.length} elements.`, howToSend);
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'string') throw invalid(`The input "${name}" holds no picture.`, howToSend);
  try {
    return fromBase64(value);
  } catch (error) {
    throw new InputError(
      'request-base64',
      `The picture in "${name}" is not base64: ${describeError(error)}.`,
      'In JSON a picture is base64; without it, use the binary tensor data extension.',
    );
  }
}

function rgbOf({ name, shape, content }: InputTensor): AskedPicture {
  const [height = 0, width = 0, channels] = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
  const fits = (side: number) => Number.isInteger(side) && side >= 1 && side <= largestSide;
  if (channels !== 3 || !fits(height) || !fits(width))
    throw invalid(
      `The input "${name}" has the shape [${shape.join(', ')}] instead of [height, width, 3].`,
      howToSend,
    );
  const bytes = content.kind === 'raw' ? content.bytes : bytesOf(name, content.values);
  const wanted = width * height * 3;
  if (bytes.length !== wanted)
    throw invalid(
      `The input "${name}" has ${bytes.length} values, and its shape asks for ${wanted}.`,
      howToSend,
    );
  return { kind: 'rgb8', bytes, width, height };
}

function bytesOf(name: string, values: readonly unknown[]): Uint8Array {
  const flat = values.flat(3);
  const wrong = flat.find((value) => !Number.isInteger(value) || Number(value) < 0 || Number(value) > 255);
  if (wrong !== undefined)
    throw invalid(`The input "${name}" holds ${String(wrong)}, which is no UINT8.`, howToSend);
  return Uint8Array.from(flat as number[]);
}
