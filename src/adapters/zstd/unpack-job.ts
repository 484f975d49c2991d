/** Paths of files. */
export interface UnpackJob {
  readonly packed: string;
  /** Of a delta: the file that it is applied to. */
  readonly base?: string;
  readonly target: string;
  /** What has to come out. */
  readonly expected: { readonly digest: string; readonly size: number };
}
