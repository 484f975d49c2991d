import { measureWords, type OptimizeOutcome } from '../../workbench/index.ts';
import type { Output } from '../output.ts';
import type { Cell } from '../table.ts';

const percent = (share: number) => (share * 100).toFixed(2);

type ChainReport = OptimizeOutcome['report'];
type Measured = ChainReport['source'];
type Quantized = ChainReport['quantization'][number];
type Loss = Pick<ChainReport['variants'][number], 'drop' | 'dropInterval'>;

/** The report for a person, or as one JSON line. */
export function printReport(out: Output, { report, bundle, workFolder }: OptimizeOutcome): void {
  printTables(out, report);
  const written = { bundle: bundle?.location, digest: bundle?.digest };
  if (bundle !== undefined) out.line(`\n${written.bundle}\n  digest ${written.digest}`);
  out.value({ ok: bundle !== undefined, ...written, report });
  if (bundle === undefined) {
    out.note(`${whyNothing(report)} No bundle was written. The measurements are in ${workFolder}.`);
  }
}

function whyNothing({ pruning, source }: ChainReport): string {
  if (pruning?.used === false)
    return `The pruned model loses ${percent(pruning.drop)} ${wordOf(source)}: train it again (--write-pruned gives it), allow more with --max-drop, or leave --prune out.`;
  if (pruning?.reached === false)
    return `${percent(pruning.asked)} % of the channels were to go, and ${percent(1 - pruning.after / Math.max(1, pruning.before))} % can: ask for that share, or leave --prune out.`;
  return 'No variant keeps the budget.';
}

function lost({ drop, dropInterval }: Loss): string {
  if (dropInterval === undefined) return percent(drop);
  const { low, high } = dropInterval;
  return `${percent(drop)} (${percent(low)} to ${percent(high)})`;
}

/** AP50 or another measure of 0..1 below which a network finds as good as nothing. */
const blind = 0.005;

/** A model without accuracy has none to lose: every variant keeps the budget. */
function warnOfBlindness(out: Output, { accuracy }: Measured): void {
  const { measure, value } = accuracy.measure === 'map' ? accuracy.beside : accuracy;
  if (value >= blind) return;
  out.warn(
    `the float model finds none of what is labelled in the evaluation set (${measureWords[measure]} ${percent(value)} %), so the budget is no proof. Check labels, --decoder, --scale, --mean, --std and --color: goshawk model import --check tries other ones.`,
  );
}

function printTables(out: Output, report: ChainReport): void {
  const { source, pruning, quantization, budget } = report;
  const against = report.base ?? source;
  const measure = wordOf(source);
  out.table(
    [
      'variant',
      `${measure} %`,
      measureWords[source.accuracy.beside.measure],
      'lost',
      'size',
      'saved',
      'p50',
      'p95',
      'speed-up',
      '',
    ],
    [
      ...(report.base === undefined ? [] : [row('base', against, against, { drop: 0 })]),
      row('source', source, against, { drop: against.accuracy.value - source.accuracy.value }),
      ...report.variants.map((v) => row(v.kind, v, against, v, v.verdict)),
    ],
    'No variants.',
  );
  out.line();
  const intervals = report.variants.some(({ dropInterval }) => dropInterval !== undefined);
  const how = intervals
    ? '; in brackets, what 95 of 100 draws of the pictures lose; the budget counts the worse end'
    : '';
  out.line(`budget: ${percent(budget)} ${measure}${how}`);
  if (pruning !== undefined) {
    out.line(
      `pruning: ${pruning.before} channels to ${pruning.after}, ${lost(pruning)} ${measure} lost${pruning.used ? '' : ': not used, train it again first'}`,
    );
    for (const { layer, channels, reason } of pruning.kept.slice(0, 8)) {
      out.line(`  kept ${layer} (${channels} channels): ${reason}`);
    }
    if (pruning.kept.length > 8) out.line(`  and ${pruning.kept.length - 8} more, see the report`);
  }
  for (const form of quantization) printForm(out, form, report);
  warnOfBlindness(out, against);
  if (report.fixedBatch !== undefined) out.line(`one picture per run: ${report.fixedBatch}`);
  for (const { kind, reason } of report.refused) out.warn(`${kind} is left out: ${reason}`);
  for (const variant of report.variants) {
    const { kind, verdict } = variant;
    if (verdict === 'left out') {
      const few = variant.drop <= budget ? ' More evaluation pictures make that narrower.' : '';
      out.warn(`${kind} may lose ${worst(variant)} ${measure} and is left out.${few}`);
    }
    if (verdict === 'forced') {
      out.warn(
        `${kind} may lose ${worst(variant)} ${measure} and ships because of --force; the bundle says so.`,
      );
    }
  }
}

function wordOf({ accuracy }: Measured): string {
  return measureWords[accuracy.measure];
}

/** What the budget counts. */
function worst({ drop, dropInterval }: Loss): string {
  return percent(dropInterval?.high ?? drop);
}

function printForm(out: Output, quantized: Quantized, { variants }: ChainReport): void {
  const { form, method, float, layers, harms, floatOperators, tensorrt } = quantized;
  out.line(`${form}: ${layers - float.length} of ${layers} layers in INT8, ranges by ${method}`);
  if (quantized.stopped) {
    out.line('  the time for the search was up (--search-minutes): more may find fewer layers in float');
  }
  if (float.length > 0) out.line(`  in float: ${float.join(', ')}`);
  const missed = variants.some(({ kind, verdict }) => kind === form && verdict !== 'ships');
  if ((missed || !quantized.reached) && harms.length > 0) {
    const most = harms.slice(0, 5).map(({ layer, noise }) => `${layer} (noise ${noise.toFixed(3)})`);
    out.line(`  most harm: ${most.join(', ')}`);
  }
  const operators = Object.entries(floatOperators);
  if (operators.length > 0 && tensorrt === undefined) {
    out.line(`  operators in float: ${listed(operators)}`);
  }
  if (tensorrt === undefined) return;
  const { weighted, int8, half, broken, fp32 } = tensorrt;
  const fp32Operators = Object.entries(fp32);
  const left = fp32Operators.length === 0 ? 'no operator in FP32' : `in FP32: ${listed(fp32Operators)}`;
  out.line(
    `  for TensorRT: ${int8} of ${weighted} weighted operators can be INT8 layers, ${half.length} in FP16; ${left}`,
  );
  for (const { name, reason } of broken) out.line(`  no INT8 layer: ${name}: ${reason}`);
}

function listed(operators: readonly (readonly [string, number])[]): string {
  return operators.map(([name, count]) => `${name} x${count}`).join(', ');
}

function row(
  name: string,
  { accuracy, bytes, latency }: Measured,
  against: Measured,
  loss: Loss,
  verdict = '',
): Cell[] {
  return [
    name,
    percent(accuracy.value),
    percent(accuracy.beside.value),
    lost(loss),
    { bytes },
    { share: 1 - bytes / against.bytes },
    { durationMs: latency.p50Ms },
    { durationMs: latency.p95Ms },
    (against.latency.p50Ms / latency.p50Ms).toFixed(2),
    verdict,
  ];
}
