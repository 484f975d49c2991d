import { loadNative } from '../../native/index.ts';
import { describeError } from '../../src/base/index.ts';

/** What keeps plain bytes of encrypted models from reaching a disk by way of swap or a dump. */
export interface SecretMemoryState {
  /** Why the kernel may dump them; empty where it does not. */
  readonly dumpProblem: string;
  /** Why they may be swapped; empty where they can't. */
  readonly lockProblem: string;
}

/** Memory for plain bytes of encrypted models: locked, and in no dump, as far as this machine allows. */
export class SecretMemory {
  readonly #told: (state: SecretMemoryState) => void;
  #dumpProblem: string | undefined;
  #lockProblem = '';

  /** `told`: at the first use, and when bytes could not be locked for the first time. */
  constructor(told: (state: SecretMemoryState) => void = () => {}) {
    this.#told = told;
  }

  allocate(size: number): Uint8Array {
    const { bytes, lockProblem } = locked(size);
    this.#tell(lockProblem);
    return bytes;
  }

  /** A file in memory, as long as it is now, is not swapped until what this gives back is called. */
  keep(file: number): () => void {
    const { lockProblem, letGo } = lockedFile(file);
    this.#tell(lockProblem);
    return letGo;
  }

  /** A copy that is not its own may be swapped: why. */
  noteExposed(lockProblem: string): void {
    this.#tell(lockProblem);
  }

  #tell(lockProblem: string): void {
    const first = this.#dumpProblem === undefined;
    this.#dumpProblem ??= forbidDumps();
    const worse = lockProblem !== '' && this.#lockProblem === '';
    if (worse) this.#lockProblem = lockProblem;
    if (first || worse) this.#told({ dumpProblem: this.#dumpProblem, lockProblem: this.#lockProblem });
  }
}

function forbidDumps(): string {
  try {
    loadNative().forbidDumps();
    return '';
  } catch (error) {
    return describeError(error);
  }
}

/** Why so many bytes can't be locked here; empty where they can. Throws where there is no addon. */
export function lockProblem(bytes: number): string {
  return loadNative().secretBytes(bytes).lockProblem;
}

/** Ordinary memory if there is no better one: refusing to run would not protect the model. */
function locked(size: number): { readonly bytes: Uint8Array; readonly lockProblem: string } {
  try {
    return loadNative().secretBytes(size);
  } catch (error) {
    return { bytes: new Uint8Array(size), lockProblem: describeError(error) };
  }
}

function lockedFile(file: number): { readonly lockProblem: string; letGo(): void } {
  try {
    return loadNative().lockMemoryFile(file);
  } catch (error) {
    return { lockProblem: describeError(error), letGo: () => {} };
  }
}
