import { byteWords, latencyWords, shareWords } from '../../base/index.ts';
import type { BudgetReport } from '../../workbench/index.ts';
import type { Output } from '../output.ts';
import { budgetWords } from './bundle.ts';

export function printBudgets(out: Output, { bundle, measured, budgets, golden, missed }: BudgetReport): void {
  const { manifest, digest, location } = bundle;
  const { kind, engine, reason, p95LatencyMs, memoryBytes } = measured;
  out.line(`${manifest.name} ${manifest.version}, ${kind} on ${engine} (${reason})`);
  out.line(`  measured  ${latencyWords(p95LatencyMs)} per frame (p95), ${byteWords(memoryBytes)}`);
  out.line(`  budgets   ${budgetWords(budgets)}`);
  for (const [variant, least] of Object.entries(golden?.minAgreement ?? {})) {
    const map = golden?.minMap?.[variant];
    out.line(
      `  golden    ${variant}: agreement ${shareWords(least)}${map === undefined ? '' : `, mAP ${(map * 100).toFixed(1)}`}, on ${golden?.frames} frames`,
    );
  }
  out.line(`  digest    ${digest}`);
  out.line(`  written   ${location}`);
  if (golden === undefined)
    out.note(
      'Without a golden set no device can check what its engine computes: give pictures with --golden.',
    );
  for (const words of missed) out.warn(`This machine would refuse the model: ${words}.`);
  out.value({
    ...{ ok: true, bundle: location, digest, measured, budgets, missed },
    ...(golden === undefined
      ? {}
      : { golden: { frames: golden.frames, minAgreement: golden.minAgreement, minMap: golden.minMap } }),
  });
}
