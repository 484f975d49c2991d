import type { RunFrame, RunSummary } from '../../workbench/index.ts';
import type { Output } from '../output.ts';

export function printRun(out: Output, summary: RunSummary): void {
  const { frames, classes, latencyMs, drawn } = summary;
  const dropped = Object.entries(frames.dropped).filter(([, count]) => count > 0);
  out.line(
    `${summary.model} ${summary.version} (${summary.precision}) on ${summary.engine}: ${summary.reason}`,
  );
  out.line(
    `${frames.processed} frames processed, ${frames.superseded} superseded, ` +
      `${dropped.length === 0 ? '0 dropped' : dropped.map(([why, count]) => `${count} dropped (${why})`).join(', ')}; ` +
      `${summary.framesPerSecond.toFixed(1)} frames/s over ${summary.seconds.toFixed(1)} s`,
  );
  for (const fault of summary.faults) out.line(`fault: ${fault}`);
  if (drawn !== undefined) out.line(`${drawn.written} pictures drawn, ${drawn.leftOut} left out`);
  out.line();
  out.table(
    ['class', 'detections', 'tracks'],
    Object.entries(classes).map(([label, counts]) => [label, counts.detections, counts.tracks]),
  );
  out.line();
  out.table(
    ['latency (ms)', 'p50', 'p99'],
    Object.entries(latencyMs).map(([stage, { p50, p99 }]) => [stage, p50.toFixed(2), p99.toFixed(2)]),
  );
  out.value(summary);
}

/** One frame as a line of JSON: numbers short enough to read, the stamp as text because it does not fit a double. */
export function printableFrame(result: RunFrame) {
  const short = (value: number) => Number(value.toFixed(2));
  const { timings } = result;
  return {
    camera: result.camera,
    sequence: result.sequence,
    stampNs: String(result.stampNs),
    ...(result.origin === undefined ? {} : { origin: result.origin }),
    width: result.width,
    height: result.height,
    detections: result.detections.map(({ label, classId, score, box, trackId }) => ({
      label,
      classId,
      score: Number(score.toFixed(4)),
      box: [short(box.x1), short(box.y1), short(box.x2), short(box.y2)],
      ...(trackId === undefined ? {} : { trackId }),
    })),
    timings: {
      preprocessMs: short(timings.preprocessMs),
      inferMs: short(timings.inferMs),
      postprocessMs: short(timings.postprocessMs),
    },
    captureToPublishMs: short(result.captureToPublishMs),
  };
}
