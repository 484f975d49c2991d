import type { DigestOf } from '../../model/index.ts';

/* Ports of the registry: where bytes lie, and what is known of repositories. */

export interface BlobInfo {
  readonly digest: string;
  readonly size: number;
  /** When it came, or came again. */
  readonly modifiedMs: number;
}

/** First and last byte, both counted in. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** A blob that came whole, in a file that is synced, with the digest that was measured. */
export interface StagedBlob {
  readonly digest: string;
  readonly size: number;
  readonly file: string;
}

/**
 * Bytes by their digest. What is there is whole and right; nothing is ever changed in place. Promises:
 * test/contract/blob-store.ts.
 */
export interface BlobStore {
  stat(digest: string): Promise<BlobInfo | undefined>;
  /** As `stat`, after its bytes were read: what is not what its digest says is deleted, and is not there. */
  verify(digest: string): Promise<BlobInfo | undefined>;
  /** MissingError `blob-unknown`. */
  read(digest: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;
  /** Resolves when it would survive a power cut; the staged file is gone then. One that is there already becomes new. */
  take(blob: StagedBlob): Promise<void>;
  /** One that is not there is no error. */
  delete(digest: string): Promise<void>;
  list(): AsyncIterable<BlobInfo>;
}

export interface UploadInfo {
  readonly id: string;
  readonly size: number;
  readonly modifiedMs: number;
}

/** Blobs on their way, on the controller's own disk, so that they can go on after a broken connection or a restart. */
export interface UploadStage {
  begin(id: string): Promise<void>;
  sizeOf(id: string): Promise<number | undefined>;
  /**
   * Adds bytes behind the last one, and says how many there are now. What came before a connection broke stays. LimitError
   * `file-too-large` beyond `maxBytes`, `artifact-disk-full`; MissingError `upload-unknown`.
   */
  append(id: string, bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<number>;
  /** Syncs and measures; the upload is taken or cancelled afterwards. */
  finish(id: string): Promise<StagedBlob>;
  cancel(id: string): Promise<void>;
  list(): Promise<readonly UploadInfo[]>;
}

/** A manifest of a repository, with what has to be known of it without reading it again. */
export interface ManifestRecord {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly pushedMs: number;
  /** Digests of blobs and of other manifests that it is made of. */
  readonly blobs: readonly string[];
  readonly manifests: readonly string[];
  readonly subject?: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Where it is a bundle: the bundle's digest. */
  readonly bundle?: string;
}

export interface BlobLink {
  readonly digest: string;
  readonly size: number;
  readonly linkedMs: number;
}

/** What a repository is. It is written as a whole: tags and manifests change in one step or not at all. */
export interface RepositoryRecord {
  readonly name: string;
  readonly blobs: readonly BlobLink[];
  readonly manifests: readonly ManifestRecord[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface RepositoryStore {
  /** Those that can be read, and words about those that can't. */
  load(): Promise<{ readonly records: readonly RepositoryRecord[]; readonly faults: readonly string[] }>;
  save(record: RepositoryRecord): Promise<void>;
  delete(name: string): Promise<void>;
}

export interface RegistryPorts {
  readonly digestOf: DigestOf;
  readonly blobs: BlobStore;
  readonly uploads: UploadStage;
  readonly repositories: RepositoryStore;
}
