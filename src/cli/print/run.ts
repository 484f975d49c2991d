import { counted } from '../../base/index.ts';
import {
  type RunFrame,
  type RunNode,
  type RunRules,
  type RunSummary,
  ruleEventWords,
} from '../../workbench/index.ts';
import type { Output } from '../output.ts';

export function printRun(out: Output, summary: RunSummary): void {
  const { frames, classes, latencyMs, drawn } = summary;
  const dropped = Object.entries(frames.dropped).filter(([, count]) => count > 0);
  out.line(
    `${summary.model} ${summary.version} (${summary.precision}) on ${summary.engine}: ${summary.reason}`,
  );
  const lost = frames.lost === 0 ? '' : `, ${frames.lost} lost before they came`;
  out.line(
    `${counted(frames.processed, 'frame')} processed, ${frames.superseded} superseded, ` +
      `${dropped.length === 0 ? '0 dropped' : dropped.map(([why, count]) => `${count} dropped (${why})`).join(', ')}${lost}; ` +
      `${summary.framesPerSecond.toFixed(1)} frames/s over ${summary.seconds.toFixed(1)} s`,
  );
  if (frames.staleStamps > 0)
    out.line(
      `${counted(frames.staleStamps, 'frame')} had a stale stamp (zero, old or far ahead): latency from when they came`,
    );
  for (const fault of summary.faults) out.line(`fault: ${fault}`);
  for (const stream of summary.streams ?? []) printStream(out, stream);
  if (drawn !== undefined) {
    out.line(`${counted(drawn.written, 'picture')} drawn, ${drawn.leftOut} left out`);
  }
  out.line();
  out.table(
    ['class', 'detections', 'tracks'],
    Object.entries(classes).map(([label, counts]) => [label, counts.detections, counts.tracks]),
    'No detections.',
  );
  out.line();
  out.table(
    ['latency', 'p50', 'p99'],
    Object.entries(latencyMs).map(([stage, { p50, p99 }]) => [
      stage,
      { durationMs: p50 },
      { durationMs: p99 },
    ]),
    'No latencies: no frame was processed.',
  );
  if (summary.nodes !== undefined) printNodes(out, summary.nodes);
  if (summary.rules !== undefined) printRules(out, summary.rules);
  out.value(withoutFailure(summary));
}

/** JSON has the failure in words alone. */
function withoutFailure(summary: RunSummary): unknown {
  if (summary.drawn === undefined) return summary;
  const { failure: _failure, ...drawn } = summary.drawn;
  return { ...summary, drawn };
}

type RunStream = NonNullable<RunSummary['streams']>[number];

function printRules(out: Output, { zones, lines }: RunRules): void {
  const list = (classes: Readonly<Record<string, number>>) =>
    Object.entries(classes)
      .map(([label, count]) => `${count} ${label}`)
      .join(', ');
  if (Object.keys(zones).length > 0) {
    out.line();
    out.table(
      ['zone', 'entered', 'left', 'inside', 'most', 'dwell p50', 'max', 'classes'],
      Object.entries(zones).map(([name, { entered, left, inside, most, dwellSeconds, classes }]) => [
        ...[name, entered, left, inside, most],
        { durationMs: dwellSeconds.p50 * 1000 },
        { durationMs: dwellSeconds.max * 1000 },
        list(classes),
      ]),
      'No zones.',
    );
  }
  if (Object.keys(lines).length === 0) return;
  out.line();
  out.table(
    ['line', 'in', 'out', 'classes'],
    Object.entries(lines).map(([name, line]) => [name, line.in, line.out, list(line.classes)]),
    'No lines.',
  );
}

type RunEvent = NonNullable<RunFrame['rules']>['events'][number];

/** When it happened, in the recording where that is known, and what. */
export function ruleEventLine({ stampNs, origin }: RunFrame, event: RunEvent): string {
  const lateMs = Number(stampNs - event.stampNs) / 1e6;
  const time =
    origin?.timeMs === undefined
      ? new Date(Number(event.stampNs / 1_000_000n)).toISOString()
      : `${((origin.timeMs - lateMs) / 1000).toFixed(2)} s`;
  return `${time}  ${ruleEventWords(event)}`;
}

function printNodes(out: Output, nodes: readonly RunNode[]): void {
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([why, count]) => `${count} ${why}`)
      .join(', ');
  out.line();
  out.table(
    ['node', 'slot', 'role', 'processed', 'crops', 'superseded', 'dropped', 'skipped', 'in time', 'p99'],
    nodes.map(
      ({ node, slot, role, processed, crops = '', superseded, dropped, skipped, deadlines, totalMs }) => {
        const due = deadlines.met + deadlines.missed;
        const inTime = due === 0 ? '' : `${deadlines.met} of ${due}`;
        return [
          ...[node, slot, role, processed, crops, superseded, list(dropped), list(skipped)],
          inTime,
          { durationMs: totalMs.p99 },
        ];
      },
    ),
    'No nodes.',
  );
  for (const { node, agreement } of nodes) {
    if (agreement === undefined) continue;
    const { against, frames, disagreements, precision, recall, classFlips } = agreement;
    out.line(
      `${node} beside ${against}: ${counted(frames, 'frame')}, ${disagreements} with a difference; precision ${precision.toFixed(3)}, ` +
        `recall ${recall.toFixed(3)}, ${classFlips} other labels`,
    );
  }
}

/** Streams that had results and delivered none: a run that was to publish has failed. */
export function undelivered({ streams = [] }: RunSummary): readonly RunStream[] {
  return streams.filter(({ produced, sent }) => produced > 0 && sent === 0);
}

function printStream(out: Output, { to, sent, leftOut, waiting }: RunStream): void {
  const left = Object.entries(leftOut);
  const total = left.reduce((sum, [, count]) => sum + count, 0);
  const why = left.length === 0 ? '' : ` (${left.map(([reason, count]) => `${count} ${reason}`).join(', ')})`;
  const kept = waiting === 0 ? '' : `, ${waiting} waiting`;
  out.line(`${to}: ${counted(sent, 'result')} sent, ${total} left out${why}${kept}`);
}
