import { readBundle } from '../../adapters/filesystem/index.ts';
import { mainSlot, rulesProblem, unknownClasses } from '../../perception/index.ts';
import type { CameraRules } from '../../protocol/index.ts';
import type { Problem } from './problems.ts';

/**
 * Classes that cameras report or count and that their model does not have, as `goshawk run` refuses them. Only where the
 * model of the main slot is on this device and every frame goes to it. It can be asked about settings that have mistakes of
 * another kind.
 */
export async function classProblems(settings: unknown): Promise<Problem[]> {
  const { model, models, cameras } = sectionOf(settings);
  const folder = model ?? sectionOf(models)[mainSlot];
  if (typeof folder !== 'string') return [];
  // A bundle that is not there or is damaged is a mistake of its own.
  const bundle = await readBundle(folder).catch(() => undefined);
  if (bundle === undefined) return [];
  const { name, version, labels, task } = bundle.manifest;
  const identity = { model: `${name} ${version}`, labels, task };
  return Object.entries(sectionOf(cameras)).flatMap(([camera, setting]) => {
    const { classes, rules, nodes } = sectionOf(sectionOf(setting).settings);
    if (nodes !== undefined) return [];
    const at = `cameras.${camera}.settings`;
    const listed = Array.isArray(classes) ? classes.filter((one) => typeof one === 'string') : [];
    const wrong = [
      ['classes', unknownClasses(listed, identity)],
      ['rules', countedProblem(rules, identity)],
    ] as const;
    return wrong.flatMap(([key, error]) =>
      error === undefined ? [] : [{ path: `${at}.${key}`, what: error.explain() }],
    );
  });
}

function countedProblem(rules: unknown, identity: Parameters<typeof rulesProblem>[1]) {
  try {
    return rules === undefined ? undefined : rulesProblem(rules as CameraRules, identity, true);
  } catch {
    // Rules that are none are a mistake of another kind.
    return undefined;
  }
}

function sectionOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
