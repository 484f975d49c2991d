import { readFile, stat } from 'node:fs/promises';
import { defined } from '../../base/index.ts';
import { type NetworkInfo, namesOfMetadata, readOnnxHeader, refuseTooLarge } from '../../model/index.ts';
import { explainFileError } from '../../platform/index.ts';
import { loadSession, networkInfo } from './session.ts';

export interface OnnxInspection extends NetworkInfo {
  /** Of ONNX's own operators. */
  readonly opset: number;
  readonly producer: string;
  /** Bytes. */
  readonly size: number;
}

/** The bytes of an ONNX file. Throws in words for one that can't be read or is too large. */
export async function readOnnx(path: string): Promise<Uint8Array> {
  const unreadable = (error: unknown) => {
    throw explainFileError(error, 'read the model', path);
  };
  const { size } = await stat(path).catch(unreadable);
  refuseTooLarge(size);
  return new Uint8Array(await readFile(path).catch(unreadable));
}

/**
 * Loads an ONNX file once and says what goes in and comes out; `name`: how it is called in messages. Throws in words for
 * what is not a loadable model.
 */
export async function inspectOnnx(bytes: Uint8Array, name: string): Promise<OnnxInspection> {
  const header = readOnnxHeader(bytes, name);
  const session = await loadSession(bytes, name, 1);
  try {
    const { metadata } = header;
    const task = metadata.get('task');
    const names = namesOfMetadata(metadata.get('names') ?? '', name);
    const pictureSize = sizeOf(metadata.get('imgsz') ?? '');
    return {
      ...networkInfo(session),
      // As RapidOCR writes it.
      ...defined({ task, names, pictureSize, characters: metadata.get('character') }),
      opset: header.opsets.get('') ?? 0,
      producer: header.producer,
      size: bytes.length,
    };
  } finally {
    await session.release();
  }
}

/** `[640, 640]`, height first, as Ultralytics notes it. */
function sizeOf(text: string): NetworkInfo['pictureSize'] {
  const [, height, width] = /^\[(\d+), ?(\d+)\]$/.exec(text) ?? [];
  return height === undefined ? undefined : { width: Number(width), height: Number(height) };
}
