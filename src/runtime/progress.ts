/** Port: shows how far a piece of work is. */
export interface Progress {
  /** `note`: in words, for whoever watches. */
  advance(by: number, note?: string): void;
  stop(): void;
}

/** A piece of work of `total` steps begins. */
export type StartProgress = (what: string, total: number) => Promise<Progress>;

export const noProgress: StartProgress = async () => ({ advance() {}, stop() {} });
