import { strict } from '../../api/index.ts';
import { GoshawkError, InputError } from '../../base/index.ts';
import { checkRules, hasRules } from '../../perception/index.ts';
import { CameraRules } from '../../protocol/index.ts';
import { readJsonFile } from './json-file.ts';
import type { Problem } from './problems.ts';
import { checkSettings } from './read.ts';

const Rules = strict(CameraRules);

/** The zones and lines of a file of `goshawk run --rules`. Rejects with every mistake, or with what is wrong with one of them. */
export async function readRulesFile(path: string): Promise<CameraRules> {
  const holds = 'It holds zones and lines by name: docs/zones.md has some to begin with.';
  const rules = checkSettings(Rules, await readJsonFile(path, holds), path);
  checkRules(rules);
  if (hasRules(rules)) return rules;
  throw new InputError('rules-file', `${path} has no zone and no line.`, holds);
}

/** Zones and lines of cameras that are none. It can be asked about settings that have mistakes of another kind. */
export function ruleProblems(settings: unknown): Problem[] {
  const cameras = sectionOf(sectionOf(settings).cameras);
  return Object.entries(cameras).flatMap(([camera, setting]) => {
    try {
      checkRules(sectionOf(sectionOf(setting).settings).rules ?? {});
      return [];
    } catch (error) {
      // What is no error of ours is a mistake of another kind.
      if (!(error instanceof GoshawkError)) return [];
      return [{ path: `cameras.${camera}.settings.rules`, what: error.explain() }];
    }
  });
}

function sectionOf(value: unknown): Readonly<Record<string, never>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, never>) : {};
}
