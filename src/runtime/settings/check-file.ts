import type { TSchema } from '@sinclair/typebox';
import type { Environment } from './environment.ts';
import { namedFileProblems } from './named-files.ts';
import { examineSettings, readGiven, refuseProblems } from './read.ts';

/** `--check`: the settings and the files that they name. Throws one error for all mistakes; opens and writes nothing. */
export async function checkSettingsFile(
  schema: TSchema,
  path: string,
  env: Environment = process.env,
): Promise<void> {
  const given = await readGiven(schema, path, env);
  const { settings, problems } = examineSettings(schema, given.value);
  const known = new Set(problems.map((problem) => problem.path));
  const inFiles = (await namedFileProblems(settings)).filter((problem) => !known.has(problem.path));
  refuseProblems(given, [...problems, ...inFiles]);
}
