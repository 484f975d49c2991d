import type { Steps } from '../../../base/index.ts';
import { withControlTimes } from './comparisons.ts';
import { gateDefaults } from './defaults.ts';
import { gridsOf, lookAt, seriesFor } from './evaluate.ts';
import type { Look } from './finding.ts';
import type {
  BlockKey,
  GateBlock,
  GateFleet,
  GateSpec,
  GateSubject,
  Measured,
  PlannedDevice,
} from './gate.ts';
import type { Comparison } from './table.ts';

const minuteMs = 60_000;
const weekMinutes = 7 * 1440;
/** A gate reads no more devices of a side. */
const mostDevices = 60;
/** From the order to the commit: download, swap and probation. */
const updateMinutes = 5;
const answerMinutes = 10;

/**
 * The look that a gate will make so many minutes after the wave settled, made now on blocks in which nothing happens: whether it
 * decides is asked of the gate itself. The change falls right behind the begin of a block, which leaves the fewest whole ones.
 */
export function* rehearse(
  gate: GateSpec,
  comparison: Comparison,
  fleet: GateFleet,
  { minutes, level }: { readonly minutes: number; readonly level: number },
): Steps<Look> {
  const { blockMinutes } = fleet;
  const blockMs = blockMinutes * minuteMs;
  const changedMs = Math.ceil((28 * 1440) / blockMinutes) * blockMs + 1;
  const endMs = changedMs + minutes * minuteMs;
  const { settleMinutes = gateDefaults.settleMinutes } = gate;
  // Longer histories change nothing, and cost.
  const most = Math.min(weekMinutes, 2880 + 12 * (minutes + settleMinutes + updateMinutes + blockMinutes));
  const measured = measuredOf(gate, comparison, blockMinutes);
  const subjects = subjectsOf(gate, comparison, fleet).map(({ historyMinutes, ...subject }): GateSubject => {
    const beginMs = changedMs - Math.min(most, historyMinutes) * minuteMs;
    const blocks: GateBlock[] = [];
    const firstMs = Math.ceil(beginMs / blockMs) * blockMs;
    // What is asked at the look is of the newest block that is whole.
    const askedMs = (Math.floor(endMs / blockMs) - 1) * blockMs;
    const fromMs = comparison.rule.atLook === undefined ? firstMs : Math.max(firstMs, askedMs);
    const untilMs = comparison.rule.atLook === undefined ? endMs : askedMs + blockMs;
    for (let startMs = fromMs; startMs < untilMs; startMs += blockMs)
      if (measured !== undefined) blocks.push({ startMs, values: { [comparison.key]: measured } });
    const isChanged = subject.arm === 'treated' || gate.comparison === 'shadow';
    return {
      ...{ ...subject, blocks, changedMs: isChanged ? changedMs : undefined },
      ...(isChanged ? { beforeMs: changedMs - updateMinutes * minuteMs } : {}),
    };
  });
  const evidence = withControlTimes({ subjects, blockMinutes, look: { number: 1, of: 1 } });
  const own = { ...gate, metrics: [{ metric: comparison.metric }] };
  const grids = yield* gridsOf(own, evidence, endMs);
  return yield* lookAt(gate, comparison, seriesFor(comparison, grids), { blockMinutes, level });
}

/** The value of a block; undefined if no device sends it. */
function measuredOf(
  { comparison }: GateSpec,
  { key, rule }: Comparison,
  blockMinutes: number,
): Measured | undefined {
  const paired: ReadonlySet<BlockKey> = new Set(['detections', 'agreement']);
  if (comparison === 'shadow' ? !paired.has(key) : key === 'agreement') return undefined;
  if (rule.kind === 'events') return { value: 0, weight: blockMinutes / 60 };
  if (rule.kind === 'share') return { value: 0, weight: rule.atLook ?? blockMinutes / answerMinutes };
  return { value: rule.kind === 'bound' ? 0 : 1, weight: 1 };
}

type Planned = Pick<GateSubject, 'device' | 'camera' | 'arm'> & Pick<PlannedDevice, 'historyMinutes'>;

function subjectsOf(gate: GateSpec, { rule }: Comparison, fleet: GateFleet): Planned[] {
  const sides = (['treated', 'control'] as const).map((arm) =>
    devicesOf(fleet)
      .filter((one) => one.arm === arm)
      .slice(0, mostDevices),
  );
  return sides.flatMap((side) =>
    side.flatMap(({ device, arm, cameras, historyMinutes }): Planned[] => {
      // Whether three cameras of a device are enough, or thirty, is the same.
      const count = Math.min(cameras, gate.leastBlocks ?? gateDefaults.leastBlocks);
      const names = rule.of === 'device' ? [''] : Array.from({ length: count }, (_, at) => `c${at}`);
      if (gate.comparison !== 'shadow')
        return names.map((camera) => ({ device, camera, arm, historyMinutes }));
      const arms = arm === 'treated' ? (['treated', 'control'] as const) : [];
      return names.flatMap((camera) => arms.map((of) => ({ device, camera, arm: of, historyMinutes })));
    }),
  );
}

export function devicesOf({ devices, cameras, controls = 0 }: GateFleet): readonly PlannedDevice[] {
  if (devices !== undefined) return devices;
  const side = (arm: 'treated' | 'control', count: number) =>
    Array.from({ length: count }, (_, at) => ({
      ...{ device: `${arm} ${at}`, arm, cameras: 1, historyMinutes: weekMinutes },
    }));
  return [...side('treated', cameras), ...side('control', controls)];
}
