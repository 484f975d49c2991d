import type { OptimizeOutcome } from '../../workbench/index.ts';
import type { Output } from '../output.ts';

const percent = (share: number) => (share * 100).toFixed(2);

type ChainReport = OptimizeOutcome['report'];
type Measured = ChainReport['source'];

/** The report for a person, or as one JSON line. */
export function printReport(out: Output, { report, bundle, workFolder }: OptimizeOutcome): void {
  printTables(out, report);
  const written = { bundle: bundle?.location, digest: bundle?.digest };
  if (bundle !== undefined) out.line(`\n${written.bundle}\n  digest ${written.digest}`);
  out.value({ ok: bundle !== undefined, ...written, report });
  if (bundle === undefined) {
    out.note(`No variant keeps the budget; nothing was written. What was found stays in ${workFolder}.`);
  }
}

function printTables(out: Output, report: ChainReport): void {
  const { source, pruning, quantization, budget } = report;
  const against = report.base ?? source;
  out.table(
    ['variant', 'mAP %', 'AP50 %', 'lost', 'size', 'saved', 'p50 ms', 'p95 ms', 'speed-up', ''],
    [
      ...(report.base === undefined ? [] : [row('base', against, against, '')]),
      row('source', source, against, ''),
      ...report.variants.map((v) => row(v.kind, v, against, v.verdict)),
    ],
  );
  out.line();
  out.line(`budget: ${percent(budget)} mAP`);
  if (pruning !== undefined) {
    out.line(
      `pruning: ${pruning.before} channels to ${pruning.after}, ${percent(pruning.mapDrop)} mAP lost${pruning.used ? '' : ': not used, train it again first'}`,
    );
    for (const { layer, channels, reason } of pruning.kept.slice(0, 8)) {
      out.line(`  kept ${layer} (${channels} channels): ${reason}`);
    }
    if (pruning.kept.length > 8) out.line(`  and ${pruning.kept.length - 8} more, see the report`);
  }
  if (quantization !== undefined) {
    const { float, layers, harms } = quantization;
    out.line(`quantization: ${layers - float.length} of ${layers} layers in INT8`);
    if (float.length > 0) out.line(`  in float: ${float.join(', ')}`);
    const missed = report.variants.some(({ kind, verdict }) => kind.startsWith('qdq') && verdict !== 'ships');
    if (missed || !quantization.reached) {
      const worst = harms.slice(0, 5).map(({ layer, noise }) => `${layer} (noise ${noise.toFixed(3)})`);
      out.line(`  most harm: ${worst.join(', ')}`);
    }
    const operators = Object.entries(quantization.floatOperators);
    if (operators.length > 0) {
      out.line(`  operators in float: ${operators.map(([name, count]) => `${name} x${count}`).join(', ')}`);
    }
  }
  if (report.fixedBatch !== undefined) out.line(`one picture per run: ${report.fixedBatch}`);
  for (const { kind, verdict, mapDrop } of report.variants) {
    if (verdict === 'left out') out.warn(`${kind} loses ${percent(mapDrop)} mAP and is left out.`);
    if (verdict === 'forced') {
      out.warn(`${kind} loses ${percent(mapDrop)} mAP and ships because of --force; the bundle says so.`);
    }
  }
}

function row(
  name: string,
  { accuracy, bytes, latency }: Measured,
  against: Measured,
  verdict: string,
): (string | number)[] {
  return [
    name,
    percent(accuracy.map),
    percent(accuracy.ap50),
    percent(against.accuracy.map - accuracy.map),
    `${(bytes / 1e6).toFixed(2)} MB`,
    `${percent(1 - bytes / against.bytes)} %`,
    latency.p50Ms.toFixed(2),
    latency.p95Ms.toFixed(2),
    (against.latency.p50Ms / latency.p50Ms).toFixed(2),
    verdict,
  ];
}
