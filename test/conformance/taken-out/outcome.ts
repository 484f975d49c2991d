export interface Trial {
  /** The file was loaded without it: else that its tests pass says nothing. */
  readonly wasLoaded: boolean;
  /** Of the tests that failed and do not fail with the check, each with its file. */
  readonly failed: readonly string[];
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
