/** Where to look; absent: this machine. */
interface Place {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly root?: string;
  readonly arch?: string;
}

/** Headers that can be compiled against, or why those that are there can't. */
type DdsHeaders =
  | { readonly include: string; readonly library: string | undefined }
  | { readonly problem: string };

export function rosFolders(place?: Place): string[];
export function libraryFolder(include: string, library: string, place?: Place): string | undefined;
export function cycloneDds(place?: Place): DdsHeaders | undefined;
export function fastDds(place?: Place): DdsHeaders | undefined;
