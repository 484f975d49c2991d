import type { EvaluationReport } from '../../workbench/index.ts';
import type { Output } from '../output.ts';

const percent = (part: number) => (part * 100).toFixed(1);
const apName = { boxes: '', outlines: 'mask ', corners: 'OBB ', points: 'keypoint ' } as const;

export function printEvaluation(out: Output, report: EvaluationReport): void {
  const { head, rows, pictures, accuracy } = wordsOf(report);
  if (head.length > 0) {
    out.table(head, rows);
    out.line();
  }
  out.line(`${report.model} ${report.version} (${report.precision}) on ${report.engine}: ${report.reason}`);
  out.line(pictures);
  const bad = report.badPictures.length;
  if (bad > 0) out.line(`${bad} pictures could not be read and are left out`);
  out.line(accuracy);
  out.table(
    ['latency (ms)', 'p50', 'p95'],
    Object.entries(report.latencyMs).map(([stage, { p50, p95 }]) => [stage, p50.toFixed(2), p95.toFixed(2)]),
  );
  const { tooLow: _, ...value } = report;
  out.value({ ok: true, ...value });
}

interface Words {
  /** Of the table of classes. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly pictures: string;
  readonly accuracy: string;
}

function wordsOf(report: EvaluationReport): Words {
  switch (report.task) {
    case 'classification':
      return {
        head: ['class', 'pictures', 'top-1'],
        rows: report.perClass.map(({ label, pictures, top1 }) => [label, pictures, percent(top1)]),
        pictures: `${report.images} pictures of ${report.perClass.length} classes`,
        accuracy: `top-1 ${percent(report.top1)}   top-5 ${percent(report.top5)}   mean of the classes ${percent(report.balanced)}`,
      };
    case 'semantic-segmentation':
      return {
        head: ['class', 'pixels', 'IoU'],
        rows: report.perClass.map(({ label, pixels, iou }) => [label, pixels, percent(iou)]),
        pictures: `${report.images} pictures with ${report.perClass.length} classes`,
        accuracy: `mIoU ${percent(report.miou)}   right pixels ${percent(report.pixelAccuracy)}`,
      };
    case 'embedding':
      return {
        head: [],
        rows: [],
        pictures: `${report.images} pictures of ${report.identities} identities, ${report.queries} to be found`,
        accuracy: `recall@1 ${percent(report.recall1)}   recall@5 ${percent(report.recall5)}`,
      };
    case 'text':
      return {
        head: [],
        rows: [],
        pictures: `${report.images} pictures of a line`,
        accuracy: `right lines ${percent(report.wordAccuracy)}   CER ${percent(report.cer)}`,
      };
    case 'depth':
      return {
        head: [],
        rows: [],
        pictures: `${report.images} pictures`,
        accuracy: `AbsRel ${report.absRel.toFixed(3)}   delta1 ${percent(report.delta1)}${report.compared === 'metres' ? '' : '   (scaled and shifted to fit each picture)'}`,
      };
    default:
      return {
        head: ['class', 'truth', 'detections', 'AP', 'AP50', 'AP75'],
        rows: report.perClass.map(({ label, truth, detections, ap, ap50, ap75 }) => [
          ...[label, truth, detections],
          ...[percent(ap), percent(ap50), percent(ap75)],
        ]),
        pictures: `${report.images} pictures, ${report.truth} objects, ${report.unlabelled} pictures without a label file`,
        accuracy: `${apName[report.compared]}mAP@[.5:.95] ${percent(report.map)}   AP50 ${percent(report.ap50)}   AP75 ${percent(report.ap75)}`,
      };
  }
}
