import { readFile } from 'node:fs/promises';
import { InputError, RefusedError } from '../../base/index.ts';
import { type Bundle, type BundleFile, fileIn } from '../../model/index.ts';
import { DecodedDetector, type Detector } from '../../perception/index.ts';

export interface DecoderModuleOptions {
  /** Whether modules of bundles may run here, asked for each; why not, as a sentence. Default: none may. */
  readonly refuseModule?: (() => string | undefined) | undefined;
  readonly plain?: (bundle: Bundle, file: BundleFile) => Promise<Uint8Array | undefined>;
}

/** Why the code of a bundle may not run on a device with this setting; undefined: it may. */
export function moduleRefusal(setting: 'refuse' | 'signed' | 'any', isSigned: boolean): string | undefined {
  if (setting === 'any' || (setting === 'signed' && isSigned)) return undefined;
  return setting === 'refuse'
    ? 'The settings of this device let no such module run (decoderModules).'
    : 'This device has no trust root, so that anybody may have made it (decoderModules, trust.rootFile).';
}

/** Before anything is loaded: throws a RefusedError where the bundle brings code that may not run here. */
export function checkModule({ manifest }: Bundle, { refuseModule = byDefault }: DecoderModuleOptions): void {
  if (manifest.output.raw === undefined) return;
  const why = refuseModule();
  if (why === undefined) return;
  throw new RefusedError(
    'decoder-refused',
    `${manifest.name} ${manifest.version} contains a decoder module, which is code. ${why}`,
    'Allow it only if you trust its maker: `decoderModules` of the agent, `--decoder-modules` of goshawk run.',
  );
}

const byDefault = () => 'Modules of bundles do not run here.';

/** The detector with what the bundle's module makes of its outputs; one without a module as it is. */
export async function withModule(
  bundle: Bundle,
  detector: Detector,
  options: DecoderModuleOptions,
): Promise<Detector> {
  const { manifest } = bundle;
  const path = manifest.output.raw?.module;
  if (path === undefined) return detector;
  try {
    const { DecoderModule } = await import('../../adapters/decoder-module/index.ts');
    const source = await moduleBytes(bundle, path, options);
    const decoder = await DecoderModule.load({ source, name: `${manifest.name}/${path}` });
    return new DecodedDetector(detector, decoder, manifest.input);
  } catch (error) {
    await detector.close();
    throw error;
  }
}

/** As the manifest names them, and no other ones: they are looked at again just before they run. */
async function moduleBytes(
  bundle: Bundle,
  path: string,
  { plain }: DecoderModuleOptions,
): Promise<Uint8Array> {
  const { maxModuleBytes } = await import('../../adapters/decoder-module/index.ts');
  const { digestOf } = await import('../../adapters/filesystem/index.ts');
  const file = bundle.manifest.attachments?.find((one) => one.path === path);
  const remedy = 'Make the bundle again with `goshawk model import --module`.';
  if (file === undefined || file.size > maxModuleBytes)
    throw new InputError(
      'decoder-file',
      `The module "${path}" is not in the bundle, or larger than ${maxModuleBytes} bytes.`,
      remedy,
    );
  const opened = await plain?.(bundle, file);
  const bytes = opened ?? (await readFile(fileIn(bundle, file)));
  // An encrypted file was compared when it was opened.
  if (opened === undefined && digestOf(bytes) !== file.digest)
    throw new InputError('decoder-file', `The module "${path}" is not what the bundle says.`, remedy);
  return bytes;
}
