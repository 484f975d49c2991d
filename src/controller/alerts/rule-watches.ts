import type { AlertRuleRow } from '../store/rows.ts';

/** The memory of each rule between two evaluations; a changed rule starts over. */
export class RuleWatches<T> {
  readonly #watches = new Map<string, { readonly asked: string; readonly watch: T }>();

  get(rule: AlertRuleRow, make: () => T): T {
    const asked = JSON.stringify(rule.when);
    const known = this.#watches.get(rule.id);
    if (known?.asked === asked) return known.watch;
    const watch = make();
    this.#watches.set(rule.id, { asked, watch });
    return watch;
  }

  values(): T[] {
    return [...this.#watches.values()].map(({ watch }) => watch);
  }

  keepOnly(rules: readonly AlertRuleRow[]): void {
    const ids = new Set(rules.map(({ id }) => id));
    for (const id of this.#watches.keys()) if (!ids.has(id)) this.#watches.delete(id);
  }
}
