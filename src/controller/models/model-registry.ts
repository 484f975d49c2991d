import type { ModelInfo, UploadAnswer } from '../../api/index.ts';
import {
  decodeUtf8,
  defined,
  type GoshawkError,
  InputError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../base/index.ts';
import { type BundleFile, bundleFiles, type Manifest, parseManifest } from '../../model/index.ts';
import type { VersionedBundle } from './version-policy.ts';

export interface StoredBundle {
  readonly digest: string;
  /** Absent while only files were uploaded, and where it is damaged. */
  readonly manifest?: Uint8Array;
  /** The manifest on the disk is not what the digest says: it has to be uploaded again. */
  readonly damaged?: boolean;
  readonly uploadedMs: number;
  /** What was received, with size and sha256 as measured on arrival. */
  readonly files: readonly BundleFile[];
}

/**
 * Port: bundles on the controller's disk. Files of a bundle may come at the same time and before its manifest. InputError
 * `digest-form` for a digest that is none. Promises: test/contract/artifacts.ts.
 */
export interface Artifacts {
  list(): Promise<readonly StoredBundle[]>;
  /** InputError `digest-mismatch` when the bytes are not what the digest says. */
  putManifest(digest: string, bytes: Uint8Array): Promise<void>;
  /**
   * Takes the bytes as they come and says what came. InputError `digest-mismatch` when it is not what `expected` says,
   * LimitError `file-too-large` beyond `maxBytes`, a GoshawkError when the bytes end in an error; nothing is kept then, and
   * a file that was there stays.
   */
  putFile(
    digest: string,
    path: string,
    bytes: AsyncIterable<Uint8Array>,
    limits: { readonly maxBytes: number; readonly expected?: BundleFile },
  ): Promise<BundleFile>;
  /** A bundle whose files are there already, as blobs of the registry. InputError `digest-mismatch` for a wrong manifest. */
  adopt(digest: string, manifest: Uint8Array, files: readonly BundleFile[]): Promise<void>;
  /** `manifest.json` is one of the files. MissingError `file-unknown`. */
  read(digest: string, file: BundleFile, range?: FileRange): Promise<AsyncIterable<Uint8Array>>;
  /** One that is not there is no error. */
  delete(digest: string): Promise<void>;
}

/** First and last byte, both counted in. */
export interface FileRange {
  readonly from: number;
  readonly to: number;
}

export interface UploadLimits {
  /** Largest file of a bundle. */
  readonly maxFileBytes: number;
  /** Bundles whose manifest has not come yet; more are refused, so that nobody fills the disk with loose files. */
  readonly maxLoose: number;
  /** Files of a bundle whose manifest has not come yet. */
  readonly maxLooseFiles: number;
  readonly maxBundles: number;
}

const defaultLimits: UploadLimits = {
  maxFileBytes: 4 * 1024 ** 3,
  maxLoose: 32,
  maxLooseFiles: 1_024,
  maxBundles: 1_000,
};

interface HeldBundle {
  manifest: Manifest | undefined;
  /** Bytes of manifest.json. */
  manifestSize: number;
  readonly uploadedMs: number;
  readonly received: Map<string, BundleFile>;
  /** Parts that are on their way. */
  uploading: number;
}

interface VersionedName {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}

/** A path inside a bundle, as the manifest's schema has it; dots alone would lead out of it. */
const pathPattern = /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/;

/**
 * Which models the fleet has. Files and manifest come in any order; a bundle is complete, and can be given to devices,
 * when every file that its manifest names was received with the size and sha256 that stand there.
 */
export class ModelRegistry {
  /** Throws for a model that must not be ordered. */
  readonly #expectSigned: (model: VersionedName, manifestBytes: number) => void;
  readonly #artifacts: Artifacts;
  readonly #limits: UploadLimits;
  readonly #bundles = new Map<string, HeldBundle>();

  constructor(
    artifacts: Artifacts,
    limits: Partial<UploadLimits> = {},
    expectSigned: (model: VersionedName, manifestBytes: number) => void = () => {},
  ) {
    this.#expectSigned = expectSigned;
    this.#artifacts = artifacts;
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** Returns what could not be read; those bundles are left alone. */
  async load(): Promise<GoshawkError[]> {
    const faults: GoshawkError[] = [];
    for (const { digest, manifest, damaged, uploadedMs, files } of await this.#artifacts.list()) {
      if (damaged === true) faults.push(manifestDamaged(digest));
      try {
        this.#bundles.set(digest, {
          manifest: manifest && readManifest(manifest),
          manifestSize: manifest?.byteLength ?? 0,
          uploadedMs,
          received: new Map(files.map((file) => [file.path, file])),
          uploading: 0,
        });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        faults.push(error);
      }
    }
    return faults;
  }

  list(devicesWith: (digest: string) => number): ModelInfo[] {
    return [...this.#bundles]
      .flatMap(([digest, bundle]) => describe(digest, bundle, devicesWith(digest)))
      .sort((a, b) => (a.name === b.name ? b.uploadedMs - a.uploadedMs : a.name < b.name ? -1 : 1));
  }

  /** Class names of a bundle, where its manifest is there. */
  labelsOf(digest: string): readonly string[] | undefined {
    return this.#bundles.get(digest)?.manifest?.labels;
  }

  /** Those that devices can be given. */
  complete(): VersionedBundle[] {
    return [...this.#bundles].flatMap(([digest, bundle]) => {
      const { manifest, uploadedMs } = bundle;
      if (
        manifest === undefined ||
        missingOf(bundle).length > 0 ||
        !this.#isSigned(manifest, digest, bundle.manifestSize)
      )
        return [];
      return [{ name: manifest.name, version: manifest.version, digest, uploadedMs }];
    });
  }

  isComplete(digest: string): boolean {
    const bundle = this.#bundles.get(digest);
    return bundle?.manifest !== undefined && missingOf(bundle).length === 0;
  }

  async putManifest(digest: string, bytes: Uint8Array, nowMs: number): Promise<UploadAnswer> {
    const manifest = readManifest(bytes);
    return this.#upload(digest, nowMs, async (bundle) => {
      await this.#artifacts.putManifest(digest, bytes);
      bundle.manifest = manifest;
      bundle.manifestSize = bytes.byteLength;
    });
  }

  async putFile(
    digest: string,
    path: string,
    bytes: AsyncIterable<Uint8Array>,
    nowMs: number,
  ): Promise<UploadAnswer> {
    if (!isPath(path)) throw fileUnknown(digest, path);
    return this.#upload(digest, nowMs, async ({ manifest, received }) => {
      const expected = manifest && bundleFiles(manifest).find((file) => file.path === path);
      if (manifest !== undefined && expected === undefined) throw fileUnknown(digest, path);
      if (manifest === undefined && !received.has(path) && received.size >= this.#limits.maxLooseFiles)
        throw tooManyUploads(`${received.size} files of ${digest} came without its manifest`);
      const maxBytes = Math.min(this.#limits.maxFileBytes, expected?.size ?? Number.POSITIVE_INFINITY);
      const limits = { maxBytes, ...defined({ expected }) };
      received.set(path, await this.#artifacts.putFile(digest, path, bytes, limits));
    });
  }

  has(digest: string): boolean {
    return this.#bundles.has(digest);
  }

  /** MissingError for a file that is not there (yet). `manifest.json` is one of them. */
  fileOf(digest: string, path: string): BundleFile {
    const bundle = this.#bundle(digest);
    const received = bundle.received.get(path);
    if (path === 'manifest.json' && bundle.manifest !== undefined)
      return { path, digest, size: bundle.manifestSize };
    if (received === undefined) throw fileUnknown(digest, path);
    return received;
  }

  /** Its bytes, of a file that `fileOf` knows. */
  read(digest: string, file: BundleFile, range?: FileRange): Promise<AsyncIterable<Uint8Array>> {
    return this.#artifacts.read(digest, file, range);
  }

  async readManifest(digest: string): Promise<Uint8Array> {
    const file = this.fileOf(digest, 'manifest.json');
    const bytes = new Uint8Array(file.size);
    let at = 0;
    for await (const chunk of await this.#artifacts.read(digest, file)) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return bytes;
  }

  /** Files that came of a bundle, without its manifest. */
  filesOf(digest: string): BundleFile[] {
    return [...(this.#bundles.get(digest)?.received.values() ?? [])];
  }

  /** A bundle that has a file with this digest, or is it. */
  holderOf(digest: string): { readonly bundle: string; readonly file: BundleFile } | undefined {
    const own = this.#bundles.get(digest);
    if (own?.manifest !== undefined) return { bundle: digest, file: this.fileOf(digest, 'manifest.json') };
    for (const bundle of this.holdersOf(digest)) {
      const file = this.filesOf(bundle).find((one) => one.digest === digest);
      if (file !== undefined) return { bundle, file };
    }
    return undefined;
  }

  /** Bundles that have a file with this digest, or are it. */
  holdersOf(digest: string): string[] {
    const has = ([bundle, { received }]: [string, HeldBundle]) =>
      bundle === digest || [...received.values()].some((file) => file.digest === digest);
    return [...this.#bundles].filter(has).map(([bundle]) => bundle);
  }

  /** LimitError `too-many-uploads` where no other bundle is taken. */
  expectRoom(digest: string): void {
    if (!this.#bundles.has(digest) && this.#bundles.size >= this.#limits.maxBundles)
      throw tooManyUploads(`${this.#bundles.size} bundles are held`);
  }

  /** A bundle whose files lie among the blobs of the registry already. */
  async adopt(digest: string, bytes: Uint8Array, nowMs: number): Promise<void> {
    const manifest = readManifest(bytes);
    const files = bundleFiles(manifest);
    this.expectRoom(digest);
    await this.#artifacts.adopt(digest, bytes, files);
    this.#bundles.set(digest, {
      manifest,
      manifestSize: bytes.byteLength,
      uploadedMs: nowMs,
      received: new Map(files.map((file) => [file.path, file])),
      uploading: 0,
    });
  }

  /** RefusedError `model-unknown` when name, version and digest are not those of one complete bundle. */
  expectChoice(choice: VersionedName): void {
    const bundle = this.#bundles.get(choice.digest);
    if (bundle?.manifest === undefined)
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
    this.#expectSigned(choice, bundle.manifestSize);
  }

  #isSigned({ name, version }: Manifest, digest: string, bytes: number): boolean {
    try {
      this.#expectSigned({ name, version, digest }, bytes);
      return true;
    } catch (error) {
      if (error instanceof RefusedError) return false;
      throw error;
    }
  }

  async delete(digest: string): Promise<void> {
    this.#bundle(digest);
    await this.#artifacts.delete(digest);
    this.#bundles.delete(digest);
  }

  #bundle(digest: string): HeldBundle {
    const bundle = this.#bundles.get(digest);
    if (bundle === undefined)
      throw new MissingError(
        'model-unknown',
        `The controller holds no bundle ${digest}.`,
        'Upload it: goshawk fleet push.',
      );
    return bundle;
  }

  /** Several parts of one bundle may be under way; when none is and none came, it is forgotten again. */
  async #upload(
    digest: string,
    nowMs: number,
    take: (bundle: HeldBundle) => Promise<void>,
  ): Promise<UploadAnswer> {
    const bundle = this.#begin(digest, nowMs);
    bundle.uploading += 1;
    try {
      await take(bundle);
    } finally {
      bundle.uploading -= 1;
      const empty = bundle.manifest === undefined && bundle.received.size === 0 && bundle.uploading === 0;
      if (empty && this.#bundles.get(digest) === bundle) this.#bundles.delete(digest);
    }
    return answer(bundle);
  }

  #begin(digest: string, nowMs: number): HeldBundle {
    const known = this.#bundles.get(digest);
    if (known !== undefined) return known;
    const loose = [...this.#bundles.values()].filter((bundle) => bundle.manifest === undefined).length;
    if (loose >= this.#limits.maxLoose)
      throw tooManyUploads(`${loose} uploads have begun without a manifest`);
    this.expectRoom(digest);
    const bundle: HeldBundle = {
      ...{ manifest: undefined, manifestSize: 0, uploadedMs: nowMs },
      ...{ received: new Map(), uploading: 0 },
    };
    this.#bundles.set(digest, bundle);
    return bundle;
  }
}

function isPath(path: string): boolean {
  const parts = path.split('/');
  return (
    path.length <= 200 &&
    pathPattern.test(path) &&
    path !== 'manifest.json' &&
    parts.every((part) => part !== '.' && part !== '..')
  );
}

function tooManyUploads(what: string): LimitError {
  return new LimitError(
    'too-many-uploads',
    `There is no room for another upload: ${what}.`,
    'Finish or delete some (DELETE /api/v1/artifacts/<digest>) before another one begins.',
  );
}

function manifestDamaged(digest: string): InputError {
  return new InputError(
    'manifest-damaged',
    `The manifest.json of ${digest} on the disk is not what its digest says.`,
    'Upload it again: goshawk fleet push.',
  );
}

function answer(bundle: HeldBundle): UploadAnswer {
  const missing = missingOf(bundle);
  return { complete: bundle.manifest !== undefined && missing.length === 0, missing };
}

function fileUnknown(digest: string, path: string): MissingError {
  return new MissingError(
    'file-unknown',
    `The bundle ${digest} has no file ${path.slice(0, 200)}.`,
    'manifest.json lists its files.',
  );
}

/** Without a manifest it is the manifest that is missing. */
function missingOf({ manifest, received }: HeldBundle): string[] {
  if (manifest === undefined) return ['manifest.json'];
  return bundleFiles(manifest)
    .filter(({ path, size, digest }) => {
      const got = received.get(path);
      return got === undefined || got.size !== size || got.digest !== digest;
    })
    .map((file) => file.path);
}

/** InputError `manifest-...`, with the words of src/model. */
function readManifest(bytes: Uint8Array): Manifest {
  let text: string;
  try {
    text = decodeUtf8(bytes);
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

function describe(digest: string, bundle: HeldBundle, devices: number): ModelInfo[] {
  const { manifest, uploadedMs } = bundle;
  if (manifest === undefined) return [];
  const missing = missingOf(bundle);
  return [
    {
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
      sizeBytes: bundleFiles(manifest).reduce((sum, file) => sum + file.size, 0),
      uploadedMs,
      complete: missing.length === 0,
      missing,
      devices,
    },
  ];
}
