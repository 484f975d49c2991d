import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { describeError, MissingError } from '../../base/index.ts';
import { type NetworkInfo, readOnnxHeader, refuseTooLarge } from '../../model/index.ts';
import { loadSession, networkInfo } from './session.ts';

export interface OnnxInspection extends NetworkInfo {
  /** Of ONNX's own operators. */
  readonly opset: number;
  readonly producer: string;
  /** Bytes. */
  readonly size: number;
}

/** Loads an ONNX file once and says what goes in and comes out. Throws in words for what is not a loadable model. */
export async function inspectOnnx(path: string): Promise<OnnxInspection> {
  const unreadable = (error: unknown) => {
    throw new MissingError(
      'model-file',
      `${path} can't be read: ${describeError(error)}.`,
      'Check the path.',
      { cause: error },
    );
  };
  const { size } = await stat(path).catch(unreadable);
  refuseTooLarge(size);
  return inspectOnnxBytes(await readFile(path).catch(unreadable), basename(path));
}

/** The same of a file's bytes; `name`: how it is called in messages. */
export async function inspectOnnxBytes(bytes: Uint8Array, name: string): Promise<OnnxInspection> {
  const header = readOnnxHeader(bytes, name);
  const session = await loadSession(bytes, name, 1);
  try {
    return {
      ...networkInfo(session),
      opset: header.opsets.get('') ?? 0,
      producer: header.producer,
      size: bytes.length,
    };
  } finally {
    await session.release();
  }
}
