import { readFile } from 'node:fs/promises';
import { amendBundle, readBundle } from '../../adapters/filesystem/index.ts';
import { CancelledError, defined } from '../../base/index.ts';
import {
  type Budgets,
  type Bundle,
  budgetsFrom,
  fileIn,
  type GoldenSet,
  hasGoldenSet,
  isGolden,
} from '../../model/index.ts';
import { goldenFiles } from '../../runtime/index.ts';
import { detectorModel } from '../golden/detector-model.ts';
import { type GoldenModel, goldenAttachments, type MadeGolden, makeGolden } from '../golden/make-golden.ts';
import { refuseInTheWay } from '../in-the-way.ts';
import type { WorkPorts } from '../ports.ts';
import { type MeasuredBudgets, type MeasureOptions, measureBudgets } from './measure.ts';

export interface BudgetOptions extends MeasureOptions {
  /** The bundle to write. */
  readonly out: string;
  readonly replace?: boolean;
  /** Pictures to choose a golden set from; one that is there goes. */
  readonly golden?: string;
  /** In place of what is measured. */
  readonly p95?: number;
  readonly memory?: number;
}

export interface BudgetReport {
  readonly bundle: Bundle;
  readonly measured: MeasuredBudgets;
  readonly budgets: Budgets;
  /** Of the new bundle. */
  readonly golden: (Pick<GoldenSet, 'minAgreement' | 'minMap'> & { readonly frames: number }) | undefined;
  /** What this machine itself does not keep, in words. */
  readonly missed: readonly string[];
}

/** A bundle with budgets: as measured here with headroom, or as they are given. */
export async function budgetBundle(
  folder: string,
  options: BudgetOptions,
  { log, signal, startProgress }: WorkPorts,
): Promise<BudgetReport> {
  const bundle = await readBundle(folder, 'digests');
  await refuseInTheWay(options.out, options.replace);
  const measured = await measureBudgets(bundle, options, { log, signal });
  const budgets = budgetsOf(bundle, measured, options);
  let made: MadeGolden | undefined;
  if (options.golden !== undefined) {
    const bar = await startProgress('golden set', 0);
    try {
      made = await makeGolden(options.golden, await goldenModel(bundle), {
        advance: () => {
          if (signal.aborted) throw new CancelledError('The golden set');
          bar.advance(1);
        },
      });
    } finally {
      bar.stop();
    }
  }
  const change = made === undefined ? {} : { attachments: goldenAttachments(made), without: isGolden };
  const written = await amendBundle(
    bundle,
    options.out,
    { budgets, ...change },
    { replace: options.replace === true },
  );
  const golden = hasGoldenSet(written.manifest) ? await goldenFiles.read(written) : undefined;
  return {
    ...{ bundle: written, measured, budgets },
    golden: golden === undefined ? undefined : { ...golden, frames: golden.frames.length },
    missed: missedOf(measured, budgets),
  };
}

/** A bundle that was just written, with the budgets that are measured here. */
export async function addBudgets(bundle: Bundle, ports: Pick<WorkPorts, 'log' | 'signal'>): Promise<Bundle> {
  const measured = await measureBudgets(bundle, { engine: 'auto', threads: 1 }, ports);
  const budgets = { ...bundle.manifest.budgets, ...budgetsFrom(measured) };
  return amendBundle(bundle, bundle.location, { budgets }, { replace: true });
}

function budgetsOf({ manifest }: Bundle, measured: MeasuredBudgets, { p95, memory }: BudgetOptions): Budgets {
  return {
    ...manifest.budgets,
    ...budgetsFrom(measured),
    ...defined({ p95LatencyMs: p95, memoryBytes: memory }),
  };
}

async function goldenModel(bundle: Bundle): Promise<GoldenModel> {
  const bytes = await Promise.all(
    bundle.manifest.variants.map(async ({ kind, file }) => {
      return [kind, await readFile(fileIn(bundle, file))] as const;
    }),
  );
  return detectorModel(bundle.manifest, new Map(bytes));
}

function missedOf(measured: MeasuredBudgets, { p95LatencyMs, memoryBytes }: Budgets): string[] {
  const missed: string[] = [];
  if (p95LatencyMs !== undefined && measured.p95LatencyMs > p95LatencyMs)
    missed.push(`a frame takes ${measured.p95LatencyMs.toFixed(1)} ms here (p95), more than the budget`);
  if (memoryBytes !== undefined && measured.memoryBytes > memoryBytes)
    missed.push(`the model holds ${(measured.memoryBytes / 1e6).toFixed(0)} MB here, more than the budget`);
  return missed;
}
