import type { TSchema } from '@sinclair/typebox';
import { rosNameProblems } from './agent-file.ts';
import { classProblems } from './class-problems.ts';
import type { Environment } from './environment.ts';
import { namedFileFindings } from './named-files.ts';
import { examineSettings, readGiven, refuseProblems } from './read.ts';
import { ruleProblems } from './rules.ts';
import { describeStray, strayVariables } from './stray-variables.ts';

/**
 * `--check`: the settings and the files that they name. Throws one error for all mistakes; opens and writes nothing. Gives
 * what is no mistake and still worth a word: variables that nobody reads, secrets that everybody can.
 */
export async function checkSettingsFile(
  schema: TSchema,
  path: string | undefined,
  env: Environment = process.env,
): Promise<readonly string[]> {
  const given = await readGiven(schema, path, env);
  const { settings, problems } = examineSettings(schema, given.value);
  const known = new Set(problems.map((problem) => problem.path));
  const files = await namedFileFindings(settings);
  const further = [...rosNameProblems(settings), ...ruleProblems(settings), ...files.problems];
  const all = [...problems, ...further, ...(await classProblems(settings))];
  const strays = strayVariables(schema, settings, env).map(describeStray);
  // A variable with another name may be why a setting is missing.
  refuseProblems(
    given,
    all.filter((problem, at) => at < problems.length || !known.has(problem.path)),
    strays,
  );
  return [...strays, ...files.notes];
}
