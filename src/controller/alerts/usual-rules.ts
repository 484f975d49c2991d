import type { AlertRuleDraft, ProblemKind } from '../../api/index.ts';

type UsualRule = AlertRuleDraft & { readonly id: string };

const health = (problem: ProblemKind) => ({ kind: 'health' as const, problems: [problem] });

/**
 * The rules that a controller begins with. They notify nobody until you add an address. Their ids
 * are for ever: by them a controller knows which of them it had.
 */
export const usualRules: readonly UsualRule[] = [
  {
    id: 'usual-camera-blind',
    name: 'camera blind',
    when: health('blind'),
    forSeconds: 60,
    severity: 'error',
  },
  {
    id: 'usual-drift-alarm',
    name: 'drift alarm',
    // A sensor fault makes a camera blind, and that is the rule above.
    when: { kind: 'drift', verdicts: ['scene-change', 'label-shift', 'model-regression'] },
    forSeconds: 60,
    severity: 'warning',
  },
  {
    id: 'usual-device-offline',
    name: 'device offline',
    when: { kind: 'offline' },
    forSeconds: 120,
    severity: 'error',
  },
  {
    id: 'usual-deployment-failed',
    name: 'deployment failed',
    when: health('deployment-failed'),
    forSeconds: 0,
    severity: 'error',
  },
  {
    id: 'usual-unproven',
    name: 'version unproven',
    when: health('unproven'),
    forSeconds: 0,
    severity: 'error',
  },
  {
    id: 'usual-broken-glass',
    name: 'order without its second person',
    when: { kind: 'event', event: 'approval.broken-glass' },
    forSeconds: 0,
    severity: 'error',
  },
  {
    id: 'usual-rate-missed',
    name: 'target rate missed',
    when: health('rate-missed'),
    forSeconds: 120,
    severity: 'warning',
  },
  {
    id: 'usual-disk-low',
    name: 'disk low',
    when: health('disk-low'),
    forSeconds: 60,
    severity: 'warning',
  },
];

const ids: ReadonlySet<string> = new Set(usualRules.map(({ id }) => id));

export function isUsual(id: string): boolean {
  return ids.has(id);
}

/**
 * Those that this controller never had. Where somebody has rules of his own already they come switched off: they are an
 * offer and no news.
 */
export function missingUsualRules(
  /** Of rules that there are, and of usual ones that were deleted. */
  known: ReadonlySet<string>,
  ownRules: number,
): readonly UsualRule[] {
  return usualRules
    .filter(({ id }) => !known.has(id))
    .map((rule) => (ownRules === 0 ? rule : { ...rule, enabled: false }));
}
