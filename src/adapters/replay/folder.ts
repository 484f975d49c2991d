import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  asGoshawkError,
  describeError,
  type GoshawkError,
  InputError,
  MissingError,
} from '../../base/index.ts';
import type { FrameReceiver, FrameSource, Image } from '../../perception/index.ts';
import { type RecordedFrame, type ReplayOptions, ReplayStream } from './stream.ts';

/** Decodes one file's bytes; `name` is for messages. */
export type PictureDecoder = (bytes: Uint8Array, name: string) => Promise<Image>;

const endings = /\.(jpe?g|png|webp|tiff?|gif)$/i;

/** Names of the pictures of a folder in the order in which they are played: numbers count as numbers (2 before 10). */
export async function listPictures(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(async (error: unknown) => {
    const isFile = (await stat(folder).catch(() => undefined))?.isFile() === true;
    throw new MissingError(
      'folder-missing',
      isFile
        ? `${folder} is a file, not a folder of pictures.`
        : `The folder ${folder} can't be read: ${describeError(error)}.`,
      'Name a folder with JPEG or PNG files.',
      { cause: error },
    );
  });
  const pictures = names.filter((name) => endings.test(name) && !name.startsWith('.'));
  if (pictures.length === 0) {
    throw new InputError(
      'folder-empty',
      names.length === 0
        ? `The folder ${folder} is empty.`
        : `The folder ${folder} holds ${names.length} files, but no picture (.jpg, .jpeg, .png, .webp, .tif, .gif).`,
      'Name a folder with JPEG or PNG files; folders inside it are not searched.',
    );
  }
  const order = new Intl.Collator('en', { numeric: true });
  return pictures.sort((a, b) => order.compare(a, b) || (a < b ? -1 : 1));
}

/** `FrameSource` that plays the pictures of a folder; a file that can't be read is a fault, and the play goes on. */
export class FolderFrameSource implements FrameSource {
  readonly camera: string;
  readonly #folder: string;
  readonly #decode: PictureDecoder;
  readonly #stream: ReplayStream;

  constructor(folder: string, decode: PictureDecoder, options: ReplayOptions) {
    this.#folder = folder;
    this.#decode = decode;
    this.#stream = new ReplayStream(options);
    this.camera = this.#stream.camera;
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const names = await listPictures(this.#folder);
    this.#stream.start(() => this.#pictures(names), receiver);
  }

  close(): Promise<void> {
    return this.#stream.stop();
  }

  /** One picture is decoded ahead, while the receiver works on the one before. */
  async *#pictures(names: readonly string[]): AsyncGenerator<RecordedFrame | GoshawkError> {
    let next = this.#load(names[0] ?? '');
    for (let index = 0; index < names.length; index += 1) {
      const current = await next;
      const following = names[index + 1];
      if (following !== undefined && !this.#stream.stopped) next = this.#load(following);
      yield current;
    }
  }

  async #load(name: string): Promise<RecordedFrame | GoshawkError> {
    try {
      const { data, width, height, step, encoding } = await this.#decode(
        await readFile(join(this.#folder, name)),
        name,
      );
      return { width, height, step, encoding, pixels: { data, release() {} } };
    } catch (error) {
      return asGoshawkError(error, 'picture-unreadable', 'Check the file and its permissions.');
    }
  }
}
