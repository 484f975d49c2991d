import { readFile } from 'node:fs/promises';
import { DecoderModule } from '../../adapters/decoder-module/index.ts';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { InputError } from '../../base/index.ts';
import { tensorFamily } from '../../model/index.ts';

/** The user's module, which loads and has the function that is called. */
export async function readModule(path: string): Promise<Uint8Array> {
  const source = await readFile(path).catch((error: unknown) => {
    throw explainFileError(error, 'read the module', path);
  });
  const decoder = await DecoderModule.load({ source, name: path });
  await decoder.close();
  return source;
}

/** A module reads any network, and nothing else is read by one. */
export function decoderOf({ module, decoder }: { readonly module?: string; readonly decoder?: string }) {
  if ((module === undefined) === (decoder !== tensorFamily.name)) return decoder;
  if (module !== undefined && decoder === undefined) return tensorFamily.name;
  throw new InputError(
    'decoder-module',
    module === undefined
      ? 'The decoder tensor needs a module.'
      : `--module and --decoder ${decoder} exclude each other.`,
    module === undefined ? 'Name it: --module decode.mjs.' : 'Leave one of them out.',
  );
}
