/** One part of `npm run test:all`: what it printed, and the status it ended with. */
export interface TestRun {
  readonly name: string;
  readonly status: number | null;
  readonly output: string;
}

export function sumOf(runs: readonly TestRun[]): {
  readonly line: string;
  readonly problems: readonly string[];
};
