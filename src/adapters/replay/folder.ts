import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asGoshawkError, counted, type GoshawkError, InputError } from '../../base/index.ts';
import {
  type FrameReceiver,
  type FrameSource,
  type Image,
  type RecordedFrame,
  type ReplayOptions,
  ReplayStream,
} from '../../perception/index.ts';
import { explainFileError } from '../../platform/index.ts';

/** Decodes one file's bytes; `name` is for messages. */
export type PictureDecoder = (bytes: Uint8Array, name: string) => Promise<Image>;

const endings = /\.(jpe?g|png|webp|tiff?|gif)$/i;

/**
 * Paths of the pictures of a folder in the order in which they are played: numbers count as numbers (2 before 10).
 * The path of one picture gives that picture.
 */
export async function listPictures(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw explainFileError(error, 'read the pictures', path, remedy);
  });
  if (found.isFile()) {
    if (endings.test(path)) return [path];
    throw new InputError('folder-file', `${path} is neither a folder nor a picture.`, remedy);
  }
  const names = await readdir(path).catch((error: unknown) => {
    throw explainFileError(error, 'list the pictures', path, remedy);
  });
  const pictures = names.filter((name) => endings.test(name) && !name.startsWith('.'));
  if (pictures.length === 0) {
    throw new InputError(
      'folder-empty',
      names.length === 0
        ? `The folder ${path} is empty.`
        : `The folder ${path} holds ${counted(names.length, 'file')}, but no picture (.jpg, .jpeg, .png, .webp, .tif, .gif).`,
      `${remedy} Folders inside it are not searched.`,
    );
  }
  const order = new Intl.Collator('en', { numeric: true });
  return pictures.sort((a, b) => order.compare(a, b) || (a < b ? -1 : 1)).map((name) => join(path, name));
}

const remedy = 'Name a folder with JPEG or PNG files.';

/** `FrameSource` that plays the pictures of a folder, or one picture; a file that can't be read is a fault, and the play goes on. */
export class FolderFrameSource implements FrameSource {
  readonly camera: string;
  readonly #path: string;
  readonly #decode: PictureDecoder;
  readonly #stream: ReplayStream;

  constructor(path: string, decode: PictureDecoder, options: ReplayOptions) {
    this.#path = path;
    this.#decode = decode;
    this.#stream = new ReplayStream(options);
    this.camera = this.#stream.camera;
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const play = this.#stream.begin();
    const paths = await listPictures(this.#path);
    play(() => this.#pictures(paths), receiver);
  }

  close(): Promise<void> {
    return this.#stream.stop();
  }

  /** One picture is decoded ahead, while the receiver works on the one before. */
  async *#pictures(paths: readonly string[]): AsyncGenerator<RecordedFrame | GoshawkError> {
    let next = this.#load(paths[0] ?? '', 0);
    for (let index = 0; index < paths.length; index += 1) {
      const current = await next;
      const following = paths[index + 1];
      if (following !== undefined && !this.#stream.stopped) next = this.#load(following, index + 1);
      yield current;
    }
  }

  async #load(path: string, index: number): Promise<RecordedFrame | GoshawkError> {
    const name = basename(path);
    try {
      const { data, width, height, step, encoding } = await this.#decode(await readFile(path), name);
      const pixels = { data, release() {} };
      return { width, height, step, encoding, pixels, origin: { name, index } };
    } catch (error) {
      return asGoshawkError(error, 'picture-unreadable', 'Check the file and its permissions.');
    }
  }
}
