import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { InputError } from '../base/index.ts';
import { problemOfHead } from './head-check.ts';
import { type BundleFile, Manifest } from './manifest.ts';
import { type AnyManifest, isRelease, ReleaseManifest, releaseTask } from './release.ts';

const SchemaProbe = Type.Object({ schema: Type.Integer() });
const ReleaseProbe = Type.Object({ task: Type.Literal(releaseTask) });

/** Of a model. InputError `manifest-release` where the bundle is a release of the agent. */
export function parseManifest(text: string, where: string): Manifest {
  const manifest = parseAnyManifest(text, where);
  if (isRelease(manifest))
    throw new InputError(
      'manifest-release',
      `${where} is of a release of ${manifest.package.name}, not of a model.`,
      'Order it for the slot "agent". Make a model with `goshawk model import`.',
    );
  return manifest;
}

/**
 * Reads the text of a `manifest.json`. Throws an InputError that names the field, what was found there and what to do.
 * `where` is the name of the file for the message.
 */
export function parseAnyManifest(text: string, where: string): AnyManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(
      'manifest-not-json',
      `${where} is not JSON: ${error instanceof Error ? error.message : String(error)}.`,
      'Make the bundle again with `goshawk model import`, or fetch it again if the copy was cut short.',
      { cause: error },
    );
  }
  if (Value.Check(SchemaProbe, value) && value.schema !== 1) {
    throw new InputError(
      'manifest-schema',
      `${where} has schema ${value.schema}; this version reads schema 1.`,
      'Update Goshawk, or make the bundle again with this version.',
    );
  }
  if (Value.Check(ReleaseProbe, value)) {
    const release = checked(ReleaseManifest, value, where);
    checkFiles(release, where);
    return release;
  }
  const manifest = checked(Manifest, value, where);
  checkFiles(manifest, where);
  checkHead(manifest, where);
  return manifest;
}

/** The text that is written and whose sha256 is the bundle's digest. */
export function formatManifest(manifest: AnyManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Every file of the bundle beside the manifest. */
export function bundleFiles(manifest: AnyManifest): readonly BundleFile[] {
  if (isRelease(manifest)) return [manifest.package.file];
  return [...manifest.variants.map((variant) => variant.file), ...(manifest.attachments ?? [])];
}

function checked<T extends TSchema>(schema: T, value: unknown, where: string): Static<T> {
  if (Value.Check(schema, value)) return value;
  const first = Value.Errors(schema, value).First();
  const path = first === undefined || first.path === '' ? 'the whole document' : fieldName(first.path);
  throw new InputError(
    'manifest-field',
    `${where}: ${path} is ${found(first?.value)}; ${expected(first?.schema, first?.message)}.`,
    'Correct that field, or make the bundle again with `goshawk model import`.',
  );
}

/** Anybody may have written the manifest: its head must not point beyond its outputs. */
function checkHead({ output, labels, attachments = [] }: Manifest, where: string): void {
  const module = output.raw?.module;
  const isThere = module === undefined || attachments.some(({ path }) => path === module);
  const problem =
    problemOfHead(output, labels.length) ??
    (isThere ? undefined : `Its module "${module}" is none of the files of the bundle.`);
  if (problem === undefined) return;
  throw new InputError(
    'manifest-head',
    `${where}: the output is not right. ${problem}`,
    'Make the bundle again with `goshawk model import`.',
  );
}

function checkFiles(manifest: AnyManifest, where: string): void {
  const seen = new Set<string>();
  for (const { path } of bundleFiles(manifest)) {
    // The pattern of the schema admits dots, so the way out of the folder is closed here.
    const climbs = path.split('/').some((part) => part === '..' || part === '.');
    const complaint = climbs
      ? 'leads out of the bundle'
      : path === 'manifest.json'
        ? 'names the manifest itself'
        : seen.has(path)
          ? 'is named twice'
          : undefined;
    if (complaint !== undefined) {
      throw new InputError('manifest-path', `${where}: the file path "${path}" ${complaint}.`, bundleAgain);
    }
    seen.add(path);
  }
  if (isRelease(manifest)) return;
  const kinds = manifest.variants.map((variant) => variant.kind);
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index);
  if (twice !== undefined) {
    throw new InputError('manifest-variants', `${where}: variant ${twice} is listed twice.`, bundleAgain);
  }
}

const bundleAgain = 'Do not use this bundle; make it again with `goshawk model import`.';

/** `/variants/0/file/size` -> `variants[0].file.size` */
function fieldName(pointer: string): string {
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`),
      '',
    );
}

function found(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function expected(schema: TSchema | undefined, message: string | undefined): string {
  const choices = (schema?.anyOf as readonly TSchema[] | undefined)?.map((choice) => choice.const as unknown);
  if (choices?.every((choice) => choice !== undefined)) {
    return `it must be one of ${choices.join(', ')}`;
  }
  const hint = schema?.description as string | undefined;
  return `${(message ?? 'not valid').replace(/^Expected/, 'expected')}${hint === undefined ? '' : ` (${hint})`}`;
}
