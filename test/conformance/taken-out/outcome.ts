export interface Trial {
  /** The file was loaded without it: else that its tests pass says nothing. */
  readonly wasLoaded: boolean;
  /** Of the tests that failed and do not fail with the check, each with its file. */
  readonly failed: readonly string[];
}

/** From which check until before which one, by the words of the command line; or what is wrong with these. */
export function rangeOf(
  words: readonly string[],
  count: number,
): { readonly from: number; readonly until: number } | { readonly problem: string } {
  const usage = `Say FROM and UNTIL as numbers from 0 to ${count}, FROM below UNTIL`;
  if (words.length > 2) return { problem: `${usage}; these are ${words.length} words.` };
  const wrong = words.find((word) => !/^\d{1,6}$/.test(word));
  if (wrong !== undefined) return { problem: `${usage}; this is none: ${wrong}.` };
  const [from = 0, until = count] = words.map(Number);
  return from < until && until <= count
    ? { from, until }
    : { problem: `${usage}; these are ${from} and ${until}.` };
}

/** What came of the process that made a trial. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly error?: Error | undefined;
}

/**
 * What a trial said, or undefined where it did not end in time: no test missed the check then. Throws where the trial itself
 * failed: that says nothing of any test.
 */
export function outcomeOf({ stdout, stderr, error }: Ended): Trial | undefined {
  const line = stdout.split('\n').find((text) => text.startsWith('{"wasLoaded":'));
  if (line !== undefined) return JSON.parse(line) as Trial;
  if (error !== undefined && 'code' in error && error.code === 'ETIMEDOUT') return undefined;
  throw new Error(`The trial gave nothing: ${error?.message ?? ''} ${stderr.slice(-2000)}`, { cause: error });
}

/** What a row says, and whether a test turned red. */
export function verdictOf(trial: Trial | undefined): { readonly by: string; readonly isMissed: boolean } {
  if (trial === undefined) return { by: '**does not end**', isMissed: false };
  if (!trial.wasLoaded) return { by: '**not loaded**', isMissed: false };
  const [first] = trial.failed;
  return first === undefined ? { by: '**none**', isMissed: false } : { by: first, isMissed: true };
}
