import {
  type GateMetricName,
  type GateMetricRow,
  gateMetricTable,
  gatePartFields,
  type RolloutPolicy,
} from '../../api/index.ts';
import { counted, InputError } from '../../base/index.ts';
import { agentSlot, mainSlot } from '../../protocol/index.ts';
import { namesOfRules } from '../desired/known-rules.ts';
import { isEmptySelector } from '../fleet/selector.ts';
import { lookMinutes } from './looks.ts';
import { checkWindow } from './windows.ts';
import type { DeviceFacts } from './world.ts';

/** What a schema can't say. InputErrors `rollout-policy`, `cron-form`, `time-zone-unknown`. */
export function checkRolloutPolicy(policy: RolloutPolicy): void {
  const { target, waves = [], growth, windows = [], success = {}, gate, model, disruption } = policy;
  if (isEmptySelector(target))
    throw refused('The target names no device.', 'Name devices, groups, boards or labels, or say all: true.');
  if (target.except !== undefined && isEmptySelector(target.except))
    throw refused('`except` names no device.', 'Name devices, groups, boards or labels.');
  if (policy.waves !== undefined && growth !== undefined)
    throw refused('It has waves and growth.', 'Say one of both.');
  checkExperiment(policy);
  for (const [at, wave] of waves.entries()) {
    // Labels of nothing fit every device: that is no canary.
    if (wave.labels !== undefined && Object.keys(wave.labels).length === 0)
      throw refused(`The labels of wave ${at + 1} are empty.`, 'Name some, or leave them out.');
    const { devices = [], labels, count, percent = 0 } = wave;
    if (devices.length === 0 && labels === undefined && count === undefined && percent === 0)
      throw refused(`Wave ${at + 1} names no device.`, 'Give it devices, labels, count or percent.');
  }
  const percents = waves.flatMap(({ percent }) => percent ?? []);
  if (percents.some((percent, at) => at > 0 && percent <= (percents[at - 1] ?? 0)))
    throw refused(
      `The waves go to ${percents.join(', ')} %.`,
      'percent counts the waves before in: it has to grow.',
    );
  const named = waves.flatMap(({ devices = [] }) => devices);
  const twice = named.find((device, at) => named.indexOf(device) !== at);
  if (twice !== undefined) throw refused(`${twice} is named in two waves.`, 'Name it in one.');
  for (const window of windows) checkWindow(window);
  const { atLeastPercent = 100 - (success.abortPercent ?? 0), abortPercent = 0 } = success;
  if (
    atLeastPercent > 100 - abortPercent &&
    success.atLeastPercent !== undefined &&
    success.abortPercent !== undefined
  )
    throw refused(
      `${atLeastPercent} % have to do well, and ${abortPercent} % may fail.`,
      'Together they may be at most 100: otherwise a wave that may fail can never pass.',
    );
  if ([model.version, model.digest, model.policy].filter((one) => one !== undefined).length > 1)
    throw refused('The model has more than one of version, digest and policy.', 'Say one of them, or none.');
  if (gate?.control !== undefined && isEmptySelector(gate.control))
    throw refused('The control of the gate names no device.', 'Leave it out, or name devices.');
  if (gate?.comparison === 'shadow' && policy.slot === agentSlot)
    throw refused(
      'A release replaces the agent: no device runs it as a shadow.',
      'Leave out comparison; the gate compares devices, or each device with its past.',
    );
  checkParts(policy);
  checkChallenges(policy);
  checkLooks(policy);
  if (disruption !== undefined && disruption.by.trim() === '')
    throw refused('The budget for disruptions names no label.', 'Name one, such as site, or group.');
}

/** Its waves are its own, and its parts are one thing. */
function checkExperiment({ experiment, waves, growth, slot, gate }: RolloutPolicy): void {
  if (experiment === undefined) return;
  const { by, percent, labels } = experiment;
  if (slot === agentSlot)
    throw refused('An experiment compares models, and the slot agent has none.', 'Leave out the experiment.');
  if ((waves ?? growth) !== undefined)
    throw refused('An experiment has fixed waves: B, then all devices.', 'Leave out waves and growth.');
  if ((percent === undefined) === (labels === undefined))
    throw refused('An experiment says by percent or by labels who is B.', 'Name one of both.');
  if (labels !== undefined && (by === 'camera' || Object.keys(labels).length === 0))
    throw refused(
      'Labels divide devices, and there have to be some.',
      'Say by: device and the labels of B, or percent.',
    );
  if (by === 'device' && experiment.slot !== undefined)
    throw refused('By device B takes the slot of the rollout.', 'Leave out experiment.slot.');
  if (by === 'camera' && slot !== undefined && slot !== mainSlot)
    throw refused(
      'By camera B is compared with main.',
      'Leave out slot; experiment.slot is where B runs meanwhile.',
    );
  if (by === 'camera' && experiment.slot === mainSlot)
    throw refused('B needs a separate slot until it is promoted.', 'Name another one than main, or none.');
  if (gate?.comparison === 'shadow')
    throw refused('A shadow does not serve, so it cannot be part of an experiment.', 'Leave out comparison.');
}

/** Classes, zones and lines belong to the metrics that compare each of them. */
function checkParts({ gate }: RolloutPolicy): void {
  for (const one of gate?.metrics ?? []) {
    const { parts } = gateMetricTable[one.metric] as GateMetricRow;
    for (const [of, field] of Object.entries(gatePartFields)) {
      if (one[field] === undefined || parts?.of === of) continue;
      const fits = Object.entries<GateMetricRow>(gateMetricTable).filter((row) => row[1].parts?.of === of);
      throw refused(
        `The gate names ${field} for ${one.metric}, which does not compare ${field}.`,
        `Leave them out, or use ${fits.map(([name]) => name).join(' or ')}.`,
      );
    }
  }
}

/** A zone that no camera has would have no data when the wave has soaked. A device that has not reported can have any. */
export function checkGateRules(
  { gate }: RolloutPolicy,
  devices: readonly Pick<DeviceFacts, 'id' | 'rules'>[],
): void {
  const reported = devices.flatMap(({ rules }) => rules ?? []);
  if (reported.length === 0 || reported.length < devices.length) return;
  for (const [of, field, code] of [
    ['zone', 'zones', 'gate-zone-unknown'],
    ['line', 'lines', 'gate-line-unknown'],
  ] as const) {
    const there = namesOfRules(reported, field);
    const asked = gate?.metrics.filter(
      ({ metric }) => (gateMetricTable[metric] as GateMetricRow).parts?.of === of,
    );
    for (const { metric, [field]: named } of asked ?? []) {
      const unknown = named?.find((name) => !there.includes(name));
      if (unknown === undefined && there.length > 0) continue;
      throw new InputError(
        code,
        unknown === undefined
          ? `The gate compares ${metric}, and no camera of these devices has a ${of}.`
          : `No camera of these devices has a ${of} ${unknown}, which the gate compares.`,
        there.length === 0
          ? 'Draw one first, on the page of a device or with: goshawk pipeline set --rules.'
          : `There ${there.length === 1 ? 'is' : 'are'} ${there.slice(0, 12).join(', ')}.`,
      );
    }
  }
}

/** A device answers for the model of its slot `main`, and for one model. */
function checkChallenges({ gate, slot = mainSlot, experiment }: RolloutPolicy): void {
  if (gate?.metrics.some(({ metric }) => metric === 'challenges') !== true) return;
  if (slot !== mainSlot || experiment?.by === 'camera' || gate.comparison === 'shadow')
    throw refused(
      'Devices answer challenges for the model that serves in the slot main.',
      'Leave out the metric challenges here.',
    );
}

/** A metric that is the same whatever a model of this task answers would pass without having seen anything. */
export function checkGateTask({ gate }: RolloutPolicy, task: string | undefined): void {
  if (task === undefined) return;
  const tellsNothing = ({ metric }: { readonly metric: GateMetricName }) =>
    (gateMetricTable[metric] as GateMetricRow).tasks?.includes(task) === false;
  const [blind] = gate?.metrics.filter(tellsNothing) ?? [];
  if (blind === undefined) return;
  throw refused(
    `The gate compares ${blind.metric}, which does not apply to a model for ${task}.`,
    'Leave it out. frame-rate, latency, missed-target and crashes tell something; `goshawk model evaluate` compares the answers.',
  );
}

/** A look that could never be made is a promise that nobody keeps. */
function checkLooks({ gate, waves = [], soakMinutes = 0 }: RolloutPolicy): void {
  const { looks, passEarly } = gate ?? {};
  const longest = Math.max(soakMinutes, ...waves.map((wave) => wave.soakMinutes ?? 0));
  if (looks !== undefined && looks > 1 && looks > longest / lookMinutes)
    throw refused(
      `The gate looks ${looks} times, and no wave soaks longer than ${longest} min.`,
      `A look takes ${counted(lookMinutes, 'minute')}: soak for ${looks * lookMinutes} or look less often.`,
    );
  if (passEarly === true && looks === 1)
    throw refused('The gate looks once, and may pass early.', 'Say more looks, or leave passEarly out.');
}

function refused(what: string, remedy: string): InputError {
  return new InputError('rollout-policy', what, remedy);
}
