import {
  type Experiment,
  type GateMetricName,
  gateMetricTable,
  type NewRollout,
  type RolloutPolicy,
  type Selector,
} from '../../api/index.ts';

export interface WaveDraft {
  /** `count` devices, or `percent` of the target with the waves before. */
  readonly kind: 'count' | 'percent';
  readonly size: string;
  readonly soakMinutes: string;
}

/** Two versions at once: B is the model of the rollout, A what devices run meanwhile. */
export interface ExperimentDraft {
  readonly by: Experiment['by'];
  /** How it is decided who is B. */
  readonly who: 'percent' | 'labels';
  readonly percent: string;
  /** `ring=canary`: devices with all of these are B. */
  readonly labels: string;
}

export const emptyExperiment: ExperimentDraft = { by: 'camera', who: 'percent', percent: '50', labels: '' };

/** A rollout as a person fills it in; text where a number is still being typed. */
export interface RolloutDraft {
  readonly name: string;
  /** Digest of the model. */
  readonly digest: string;
  readonly all: boolean;
  readonly groups: readonly string[];
  /** Ids, apart by commas or spaces. */
  readonly devices: string;
  /** `site=west ring=canary`. */
  readonly labels: string;
  readonly waves: readonly WaveDraft[];
  /** Instead of waves. */
  readonly experiment: ExperimentDraft | undefined;
  /** Of the last wave, with all that no wave names. */
  readonly lastSoakMinutes: string;
  /** Metrics that must not become worse, with the smallest harm worth finding, as typed. */
  readonly gate: Readonly<Partial<Record<GateMetricName, string>>>;
  readonly draft: boolean;
}

/** What every step gets. */
export interface StepProps {
  readonly draft: RolloutDraft;
  readonly change: (part: Partial<RolloutDraft>) => void;
}

export const emptyDraft: RolloutDraft = {
  ...{ name: '', digest: '', all: false, groups: [], devices: '', labels: '', draft: false },
  experiment: undefined,
  waves: [
    { kind: 'count', size: '1', soakMinutes: '60' },
    { kind: 'percent', size: '50', soakMinutes: '60' },
  ],
  lastSoakMinutes: '0',
  gate: { detections: '', latency: '' },
};

/** The model, and the name of the rollout where it has none yet. */
export function withModel(
  draft: RolloutDraft,
  { name, version, digest }: ModelName & { readonly version: string },
): Partial<RolloutDraft> {
  return { digest, ...(draft.name === '' ? { name: `${name}-${version}` } : {}) };
}

export interface ModelName {
  readonly name: string;
  readonly digest: string;
}

/** The target as it is filled in; undefined where it names no device. */
export function targetOf({ all, groups, devices, labels }: RolloutDraft): Selector | undefined {
  if (all) return { all: true };
  const ids = wordsIn(devices);
  const target: Selector = {
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(ids.length === 0 ? {} : { devices: ids }),
    ...(wordsIn(labels).length === 0 ? {} : { labels: labelsIn(labels) }),
  };
  return Object.keys(target).length === 0 ? undefined : target;
}

export type Step = 'model' | 'target' | 'waves' | 'gate' | 'confirm';

/** What is missing or wrong in a step, in words; undefined where it is whole. */
export function problemIn(step: Step, draft: RolloutDraft): string | undefined {
  if (step === 'model') {
    if (draft.digest === '') return 'Choose a model.';
    return /^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$/.test(draft.name)
      ? undefined
      : 'Enter a name: letters, digits, spaces, dots and dashes, at most 64.';
  }
  if (step === 'target') {
    if (targetOf(draft) === undefined) return 'Choose groups, devices or labels, or every device.';
    return areLabels(draft.labels) ? undefined : 'Write labels as key=value.';
  }
  if (step === 'waves')
    return draft.experiment ? problemInExperiment(draft.experiment, draft) : problemInWaves(draft);
  if (step === 'gate')
    return Object.values(draft.gate).every((harm) => harm === '' || Number(harm) > 0)
      ? undefined
      : 'Enter harms as numbers above 0, or leave them empty.';
  return undefined;
}

function problemInExperiment(
  { who, percent, labels }: ExperimentDraft,
  { lastSoakMinutes }: RolloutDraft,
): string | undefined {
  const share = numberIn(percent);
  if (who === 'percent' && (share === undefined || share <= 0 || share >= 100))
    return 'Enter the share of B in percent: more than 0 and less than 100.';
  if (who === 'labels' && (wordsIn(labels).length === 0 || !areLabels(labels)))
    return 'Enter the labels of the devices that are B, as key=value.';
  return numberIn(lastSoakMinutes) === undefined
    ? 'Enter how long B is watched before it can be promoted, in minutes.'
    : undefined;
}

function problemInWaves({ waves, lastSoakMinutes }: RolloutDraft): string | undefined {
  let before = 0;
  for (const [at, { kind, size, soakMinutes }] of waves.entries()) {
    const value = numberIn(size);
    const most = kind === 'percent' ? 100 : 1_000_000;
    const isWhole = value !== undefined && (kind === 'percent' || Number.isInteger(value));
    if (!isWhole || value <= 0 || value > most)
      return `Wave ${at + 1}: enter a ${kind === 'percent' ? 'percentage from 1 to 100' : 'number of devices'}.`;
    if (numberIn(soakMinutes) === undefined) return `Wave ${at + 1}: enter how long it soaks, in minutes.`;
    if (kind !== 'percent') continue;
    if (value <= before) return `Wave ${at + 1}: percentages count the waves before, so they must grow.`;
    before = value;
  }
  return numberIn(lastSoakMinutes) === undefined
    ? 'Last wave: enter how long it soaks, in minutes.'
    : undefined;
}

/** The request for the controller. Only of a draft without a problem. */
export function requestOf(draft: RolloutDraft, { name, digest }: ModelName): NewRollout {
  const { experiment } = draft;
  const waves = (experiment === undefined ? draft.waves : []).map(({ kind, size, soakMinutes }) => ({
    ...{ [kind]: Number(size), soakMinutes: Number(soakMinutes) },
  }));
  const policy: RolloutPolicy = {
    model: { name, digest },
    target: targetOf(draft) ?? {},
    ...(waves.length === 0 ? {} : { waves }),
    ...(experiment === undefined ? {} : { experiment: experimentOf(experiment) }),
    soakMinutes: Number(draft.lastSoakMinutes),
    ...gateOf(draft),
  };
  return { name: draft.name, policy, ...(draft.draft ? { draft: true } : {}) };
}

function experimentOf({ by, who, percent, labels }: ExperimentDraft): Experiment {
  return who === 'percent' ? { by, percent: Number(percent) } : { by, labels: labelsIn(labels) };
}

function gateOf({ gate }: RolloutDraft): Pick<RolloutPolicy, 'gate'> {
  const chosen = Object.entries(gate) as [GateMetricName, string][];
  const metrics = chosen
    .filter(([metric]) => Object.hasOwn(gateMetricTable, metric))
    .map(([metric, harm]) => ({ metric, ...(harm === '' ? {} : { harm: Number(harm) }) }));
  return metrics.length === 0 ? {} : { gate: { metrics } };
}

/** The same with a soak of at least so long in every wave that soaks. */
export function withSoak(draft: RolloutDraft, minutes: number): RolloutDraft {
  const longer = (soak: string) => (Number(soak) > 0 ? String(Math.max(Number(soak), minutes)) : soak);
  return {
    ...draft,
    waves: draft.waves.map((wave) => ({ ...wave, soakMinutes: longer(wave.soakMinutes) })),
    lastSoakMinutes: longer(draft.lastSoakMinutes),
  };
}

function areLabels(text: string): boolean {
  return wordsIn(text).every((word) => /^[^=]+=[^=]+$/.test(word));
}

function labelsIn(text: string): Record<string, string> {
  const pairs = wordsIn(text).map((word) => word.split('='));
  return Object.fromEntries(pairs.map(([key = '', value = '']) => [key, value]));
}

function wordsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

function numberIn(text: string): number | undefined {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) || value < 0 ? undefined : value;
}
