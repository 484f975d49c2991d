import type { BundleFile, TransferForm } from '../../../model/index.ts';
import type { DesiredModel } from '../../../protocol/index.ts';
import type { SealedEnvelope } from '../../../trust/index.ts';

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** Bytes that are there, those of an earlier try included. */
  readonly onBytes?: (bytes: number) => void;
  /** How long to wait after so many bytes. */
  readonly pace?: (bytes: number) => number;
}

/** A file by its digest, and where it stands in its bundle. */
export type WantedFile = Pick<BundleFile, 'digest' | 'size'> & { readonly path?: string };

/** A place with bundles. Everything that it gives is held to a digest before it is used. */
export interface BundleSource {
  /** For messages. */
  readonly where: string;
  /** The bytes of manifest.json, whose digest is the bundle's. */
  manifest(model: DesiredModel, signal: AbortSignal): Promise<Uint8Array>;
  /** Into a file, going on where an earlier try stopped. */
  fetch(model: DesiredModel, file: WantedFile, target: string, options: FetchOptions): Promise<void>;
  /** Other forms in which its files can travel; none where the place knows of none. */
  forms(model: DesiredModel, signal: AbortSignal): Promise<readonly TransferForm[]>;
  /** Where the bundle is encrypted: for whom. Undefined where it lies there as it is. */
  envelope(model: DesiredModel, signal: AbortSignal): Promise<SealedEnvelope | undefined>;
}

/** A manifest is a few kB, some more with many labels; more than this is not one. */
export const largestManifest = 1_000_000;
