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
  const bytes = await readFile(path).catch(unreadable);
  const header = readOnnxHeader(bytes, basename(path));
  const session = await loadSession(path, basename(path), 1);
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
