import type { EvaluationReport } from '../../workbench/index.ts';
import type { Output } from '../output.ts';

const apName = { boxes: '', outlines: 'mask ', points: 'keypoint ' } as const;
const percent = (part: number) => (part * 100).toFixed(1);

export function printEvaluation(out: Output, report: EvaluationReport): void {
  printClasses(out, report);
  out.line();
  out.line(`${report.model} ${report.version} (${report.precision}) on ${report.engine}: ${report.reason}`);
  out.line(
    report.task !== 'classification'
      ? `${report.images} pictures, ${report.truth} objects, ${report.unlabelled} pictures without a label file`
      : `${report.images} pictures of ${report.perClass.length} classes`,
  );
  const bad = report.badPictures.length;
  if (bad > 0) out.line(`${bad} pictures could not be read and are left out`);
  out.line(
    report.task !== 'classification'
      ? `${apName[report.compared]}mAP@[.5:.95] ${percent(report.map)}   AP50 ${percent(report.ap50)}   AP75 ${percent(report.ap75)}`
      : `top-1 ${percent(report.top1)}   top-5 ${percent(report.top5)}   mean of the classes ${percent(report.balanced)}`,
  );
  out.table(
    ['latency (ms)', 'p50', 'p95'],
    Object.entries(report.latencyMs).map(([stage, { p50, p95 }]) => [stage, p50.toFixed(2), p95.toFixed(2)]),
  );
  const { tooLow: _, ...value } = report;
  out.value({ ok: true, ...value });
}

function printClasses(out: Output, report: EvaluationReport): void {
  if (report.task === 'classification') {
    out.table(
      ['class', 'pictures', 'top-1'],
      report.perClass.map(({ label, pictures, top1 }) => [label, pictures, percent(top1)]),
    );
    return;
  }
  out.table(
    ['class', 'truth', 'detections', 'AP', 'AP50', 'AP75'],
    report.perClass.map(({ label, truth, detections, ap, ap50, ap75 }) => [
      label,
      truth,
      detections,
      percent(ap),
      percent(ap50),
      percent(ap75),
    ]),
  );
}
