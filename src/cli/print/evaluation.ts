import { counted } from '../../base/index.ts';
import type { EvaluationReport, OtherOrder } from '../../workbench/index.ts';
import type { Output } from '../output.ts';
import type { Cell } from '../table.ts';

const percent = (part: number) => (part * 100).toFixed(1);
const apName = { boxes: '', outlines: 'mask ', corners: 'OBB ', points: 'keypoint ' } as const;

export function printEvaluation(out: Output, report: EvaluationReport): void {
  const { head, rows, pictures, accuracy } = wordsOf(report);
  if (head.length > 0) {
    out.table(head, rows, 'No classes.');
    out.line();
  }
  out.line(`${report.model} ${report.version} (${report.precision}) on ${report.engine}: ${report.reason}`);
  out.line(pictures);
  const bad = report.badPictures.length;
  if (bad > 0) out.line(`${counted(bad, 'picture')} left out: could not be read`);
  out.line(accuracy);
  if (report.otherOrder !== undefined) out.line(orderText(report.otherOrder));
  out.table(
    ['latency', 'p50', 'p95'],
    Object.entries(report.latencyMs).map(([stage, { p50, p95 }]) => [
      stage,
      { durationMs: p50 },
      { durationMs: p95 },
    ]),
    'No latencies.',
  );
  const { tooLow: _, ...value } = report;
  out.value({ ok: true, ...value });
}

function orderText({ order, pictures, own, other }: OtherOrder): string {
  const more = `${percent(other)} instead of ${percent(own)} on a picture, ${counted(pictures, 'picture')}`;
  return `with red and blue swapped it is more accurate: ${more}. Import the network again with --color ${order}`;
}

interface Words {
  /** Of the table of classes. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly pictures: string;
  readonly accuracy: string;
}

function wordsOf(report: EvaluationReport): Words {
  switch (report.task) {
    case 'classification':
      return {
        head: ['class', 'pictures', 'top-1'],
        rows: report.perClass.map(({ label, pictures, top1 }) => [label, pictures, percent(top1)]),
        pictures: `${counted(report.images, 'picture')} of ${report.perClass.length} classes`,
        accuracy: `top-1 ${percent(report.top1)}   top-5 ${percent(report.top5)}   mean of the classes ${percent(report.balanced)}`,
      };
    case 'semantic-segmentation':
      return {
        head: ['class', 'pixels', 'IoU'],
        rows: report.perClass.map(({ label, pixels, iou }) => [label, pixels, percent(iou)]),
        pictures: `${counted(report.images, 'picture')} with ${report.perClass.length} classes`,
        accuracy: `mIoU ${percent(report.miou)}   right pixels ${percent(report.pixelAccuracy)}`,
      };
    case 'embedding':
      return {
        head: [],
        rows: [],
        pictures: `${counted(report.images, 'picture')} of ${report.identities} identities, ${report.queries} to be found`,
        accuracy: `recall@1 ${percent(report.recall1)}   recall@5 ${percent(report.recall5)}`,
      };
    case 'text':
      return {
        head: [],
        rows: [],
        pictures: `${counted(report.images, 'picture')} of a line`,
        accuracy: `right lines ${percent(report.wordAccuracy)}   CER ${percent(report.cer)}`,
      };
    case 'depth':
      return {
        head: [],
        rows: [],
        pictures: `${counted(report.images, 'picture')}`,
        accuracy: `AbsRel ${report.absRel.toFixed(3)}   delta1 ${percent(report.delta1)}${report.compared === 'metres' ? '' : '   (scaled and shifted to fit each picture)'}`,
      };
    default:
      return {
        head: ['class', 'truth', 'detections', 'AP', 'AP50', 'AP75'],
        rows: report.perClass.map(({ label, truth, detections, ap, ap50, ap75 }) => [
          ...[label, truth, detections],
          ...[percent(ap), percent(ap50), percent(ap75)],
        ]),
        pictures: `${counted(report.images, 'picture')}, ${counted(report.truth, 'object')}, ${counted(report.unlabelled, 'picture')} without a label file`,
        accuracy: `${apName[report.compared]}mAP@[.5:.95] ${percent(report.map)}   AP50 ${percent(report.ap50)}   AP75 ${percent(report.ap75)}`,
      };
  }
}
