import { type GoshawkError, InputError, MissingError, RefusedError } from '../base/index.ts';
import { type BundleFile, bundleFiles, type Manifest, parseManifest } from '../model/index.ts';
import type { ModelInfo, UploadAnswer } from './api.ts';

/** Computes and touches nothing, but belongs to no ECMAScript library. */
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean },
) => { decode(bytes: Uint8Array): string };

export interface StoredBundle {
  readonly digest: string;
  readonly manifest: Uint8Array;
  readonly uploadedMs: number;
  /** Paths of files that were received whole and right. */
  readonly files: readonly string[];
}

/** Port: bundles on the controller's disk. */
export interface Artifacts {
  list(): Promise<readonly StoredBundle[]>;
  /** InputError `digest-mismatch` when the bytes are not what the digest says. */
  putManifest(digest: string, bytes: Uint8Array): Promise<void>;
  /** Takes the bytes as they come; InputError `digest-mismatch` when size or sha256 differ, and nothing is kept. */
  putFile(digest: string, file: BundleFile, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  delete(digest: string): Promise<void>;
}

interface Shelved {
  readonly manifest: Manifest;
  readonly uploadedMs: number;
  readonly files: readonly BundleFile[];
  readonly present: Set<string>;
}

/** Which models the fleet has. A bundle is uploaded manifest first, so that every file can be checked as it comes. */
export class ModelShelf {
  readonly #artifacts: Artifacts;
  readonly #bundles = new Map<string, Shelved>();

  constructor(artifacts: Artifacts) {
    this.#artifacts = artifacts;
  }

  /** Returns what could not be read; those bundles are left alone. */
  async load(): Promise<GoshawkError[]> {
    const faults: GoshawkError[] = [];
    for (const bundle of await this.#artifacts.list()) {
      try {
        this.#shelve(bundle.digest, bundle.manifest, bundle.uploadedMs, bundle.files);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        faults.push(error);
      }
    }
    return faults;
  }

  list(devicesWith: (digest: string) => number): ModelInfo[] {
    return [...this.#bundles]
      .map(([digest, bundle]) => describe(digest, bundle, devicesWith(digest)))
      .sort((a, b) => (a.name === b.name ? b.uploadedMs - a.uploadedMs : a.name < b.name ? -1 : 1));
  }

  isComplete(digest: string): boolean {
    const bundle = this.#bundles.get(digest);
    return bundle !== undefined && missingOf(bundle).length === 0;
  }

  async putManifest(digest: string, bytes: Uint8Array, nowMs: number): Promise<UploadAnswer> {
    readManifest(bytes);
    await this.#artifacts.putManifest(digest, bytes);
    const before = this.#bundles.get(digest);
    this.#shelve(digest, bytes, before?.uploadedMs ?? nowMs, [...(before?.present ?? [])]);
    return this.#answer(digest);
  }

  async putFile(digest: string, path: string, bytes: AsyncIterable<Uint8Array>): Promise<UploadAnswer> {
    const file = this.#file(digest, path);
    await this.#artifacts.putFile(digest, file, bytes);
    this.#bundles.get(digest)?.present.add(path);
    return this.#answer(digest);
  }

  /** The size that a file must have; for limits before a byte is read. */
  expect(digest: string, path: string): BundleFile {
    return this.#file(digest, path);
  }

  /** MissingError for a file that is not there (yet). */
  expectPresent(digest: string, path: string): void {
    const bundle = this.#bundle(digest);
    if (path !== 'manifest.json' && !bundle.present.has(path)) throw fileUnknown(digest, path);
  }

  /** RefusedError `model-unknown` when name, version and digest are not those of one complete bundle. */
  expectChoice(choice: { readonly name: string; readonly version: string; readonly digest: string }): void {
    const bundle = this.#bundles.get(choice.digest);
    if (bundle === undefined)
      throw new RefusedError(
        'model-unknown',
        `The controller holds no bundle ${choice.digest}.`,
        'Upload it first (goshawk fleet push), or say unlisted=true when the device has it on its own disk.',
      );
    const { name, version } = bundle.manifest;
    if (name !== choice.name || version !== choice.version)
      throw new RefusedError(
        'model-mismatch',
        `${choice.digest} is ${name} ${version}, not ${choice.name} ${choice.version}.`,
        'Name the model as GET /api/v1/models does.',
      );
    const missing = missingOf(bundle);
    if (missing.length > 0)
      throw new RefusedError(
        'model-incomplete',
        `The upload of ${name} ${version} is not finished: ${missing.length} files are missing.`,
        'Upload them; GET /api/v1/models lists them.',
      );
  }

  async delete(digest: string): Promise<void> {
    this.#bundle(digest);
    await this.#artifacts.delete(digest);
    this.#bundles.delete(digest);
  }

  #shelve(digest: string, bytes: Uint8Array, uploadedMs: number, present: readonly string[]): void {
    const manifest = readManifest(bytes);
    const files = bundleFiles(manifest);
    const paths = new Set(files.map((file) => file.path));
    const kept = new Set(present.filter((path) => paths.has(path)));
    this.#bundles.set(digest, { manifest, uploadedMs, files, present: kept });
  }

  #bundle(digest: string): Shelved {
    const bundle = this.#bundles.get(digest);
    if (bundle === undefined)
      throw new MissingError(
        'model-unknown',
        `The controller holds no bundle ${digest}.`,
        'Upload its manifest.json first.',
      );
    return bundle;
  }

  #file(digest: string, path: string): BundleFile {
    const file = this.#bundle(digest).files.find((entry) => entry.path === path);
    if (file === undefined) throw fileUnknown(digest, path);
    return file;
  }

  #answer(digest: string): UploadAnswer {
    const missing = missingOf(this.#bundle(digest));
    return { complete: missing.length === 0, missing };
  }
}

function fileUnknown(digest: string, path: string): MissingError {
  return new MissingError(
    'file-unknown',
    `The bundle ${digest} has no file ${path}.`,
    'manifest.json lists its files; the manifest is uploaded before them.',
  );
}

function missingOf(bundle: Shelved): string[] {
  return bundle.files.map((file) => file.path).filter((path) => !bundle.present.has(path));
}

/** InputError `manifest-...`, as the model room words it. */
function readManifest(bytes: Uint8Array): Manifest {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(
      'manifest-not-json',
      'manifest.json is not UTF-8 text.',
      'Upload the manifest.json of a bundle that goshawk model import made.',
      { cause },
    );
  }
  return parseManifest(text, 'manifest.json');
}

function describe(digest: string, bundle: Shelved, devices: number): ModelInfo {
  const { manifest, uploadedMs, files } = bundle;
  const missing = missingOf(bundle);
  return {
    name: manifest.name,
    version: manifest.version,
    digest,
    task: manifest.task,
    licence: manifest.licence,
    labels: manifest.labels,
    variants: manifest.variants.map(({ kind, file, accuracy }) => ({
      kind,
      sizeBytes: file.size,
      ...(accuracy === undefined
        ? {}
        : { map: accuracy.map, ap50: accuracy.ap50, dataset: accuracy.dataset }),
    })),
    sizeBytes: files.reduce((sum, file) => sum + file.size, 0),
    uploadedMs,
    complete: missing.length === 0,
    missing,
    devices,
  };
}
