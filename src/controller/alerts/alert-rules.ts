import type { AlertRule, AlertRuleDraft, Role } from '../../api/index.ts';
import { type Clock, type Log, MissingError, RefusedError } from '../../base/index.ts';
import type { AlertRuleRow } from '../store/rows.ts';
import type { Change } from '../store/store.ts';
import { type AlertChannels, expectChannel } from './alert-channel.ts';
import { type KindOf, metricRuleFault } from './metric-rule.ts';
import { publicRule, ruleFrom, secretUse } from './rule.ts';
import { openRule, type SecretBox, sealRule } from './sealed-rule.ts';
import { isUsual, missingUsualRules } from './usual-rules.ts';

export interface AlertRulesPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: the keys of signatures are stored in clear. */
  readonly secretBox: SecretBox | undefined;
  readonly newId: (bytes: number) => string;
  /** Written with the next commit. */
  readonly change: (key: string, change: Change) => void;
  readonly kindOf: KindOf;
  readonly channels: AlertChannels;
}

/** A rule as it will be, and the key that was made for its signature. */
export interface PlannedRule {
  readonly rule: AlertRuleRow;
  readonly change: Change;
  readonly made: string | undefined;
}

const maxRules = 200;

/** The rules in memory, as the database has them but for their secrets, which are open here and sealed there. */
export class AlertRules {
  readonly #ports: AlertRulesPorts;
  readonly #rules = new Map<string, AlertRuleRow>();
  /** Ids of usual rules that somebody deleted. */
  readonly #deleted = new Set<string>();

  constructor(ports: AlertRulesPorts) {
    this.#ports = ports;
  }

  load(rows: readonly AlertRuleRow[]): void {
    for (const row of rows)
      if (row.deleted === true) this.#deleted.add(row.id);
      else this.#load(row);
  }

  #load(stored: AlertRuleRow): void {
    const { secretBox, log, kindOf } = this.#ports;
    const { rule, fault } = openRule(stored, secretBox);
    this.#rules.set(rule.id, rule);
    const about = { rule: rule.id, name: rule.name };
    if (fault !== undefined)
      log.error('The key of a signature cannot be read: the receiver will refuse the messages', {
        ...{ ...about, cause: fault },
        remedy: 'Restore secrets.key in the data folder, or set the secret of the rule again.',
      });
    const problem = metricRuleFault(rule.when, kindOf);
    if (problem !== undefined)
      log.warn('An alert rule cannot fire', {
        ...{ ...about, cause: problem.message },
        remedy: problem.remedy,
      });
  }

  get(id: string): AlertRuleRow | undefined {
    return this.#rules.get(id);
  }

  expect(id: string): AlertRuleRow {
    const rule = this.#rules.get(id);
    if (rule === undefined)
      throw new MissingError(
        'rule-unknown',
        `There is no alert rule ${id}.`,
        'The page Alerts of the dashboard lists them.',
      );
    return rule;
  }

  all(): AlertRuleRow[] {
    return [...this.#rules.values()];
  }

  /** Oldest first, as a role may see them. */
  list(role: Role): AlertRule[] {
    return this.all()
      .sort((a, b) => a.createdMs - b.createdMs)
      .map((rule) => this.shown(rule, role));
  }

  shown(rule: AlertRuleRow, role: Role): AlertRule {
    const problem = metricRuleFault(rule.when, this.#ports.kindOf);
    return {
      ...publicRule(rule, role),
      ...(isUsual(rule.id) ? { usual: true } : {}),
      ...(problem === undefined ? {} : { problem: problem.explain() }),
    };
  }

  /** RefusedErrors `too-many-rules`, `channel-off`. */
  planNew(draft: AlertRuleDraft): PlannedRule {
    if (this.#rules.size >= maxRules)
      throw new RefusedError(
        'too-many-rules',
        `There are ${maxRules} alert rules already.`,
        'Delete some; one rule can be about many groups.',
      );
    return this.#plan(draft, undefined, this.#ports.newId(6));
  }

  /** RefusedError `channel-off`. */
  planChanged(draft: AlertRuleDraft, before: AlertRuleRow): PlannedRule {
    return this.#plan(draft, before, before.id);
  }

  /** Those that every controller begins with and that this one never had. */
  planUsual(): PlannedRule[] {
    const known = new Set([...this.#rules.keys(), ...this.#deleted]);
    const own = this.all().filter(({ id }) => !isUsual(id)).length;
    return missingUsualRules(known, own).map(({ id, ...draft }) => this.#plan(draft, undefined, id));
  }

  #plan(draft: AlertRuleDraft, before: AlertRuleRow | undefined, id: string): PlannedRule {
    const { clock, secretBox, newId, kindOf, channels } = this.#ports;
    const to = draft.notify?.to;
    const use = to === undefined ? 'none' : secretUse(to);
    // What signed messages is no key of another service.
    const same = before?.notify !== undefined && secretUse(before.notify.to) === use;
    const kept = draft.notify?.secret ?? (same ? before?.notifySecret : undefined);
    const made = use === 'signature' && kept === undefined ? newId(32) : undefined;
    const nowMs = clock.wallMs();
    const identity = { id, createdMs: before?.createdMs ?? nowMs, nowMs };
    const rule = ruleFrom(draft, identity, kept ?? made, kindOf);
    if (rule.notify !== undefined) expectChannel(channels, rule.notify.to);
    return { rule, made, change: { kind: 'alert-rule', rule: sealRule(rule, secretBox) } };
  }

  put(rule: AlertRuleRow): void {
    this.#rules.set(rule.id, rule);
  }

  /** Of a usual rule a mark stays, so that it does not come back. */
  deletion({ id, notifySecret: _, notify: __, ...rule }: AlertRuleRow): Change {
    return isUsual(id)
      ? { kind: 'alert-rule', rule: { ...rule, id, deleted: true } }
      : { kind: 'alert-rule-deleted', id };
  }

  delete(id: string): void {
    this.#rules.delete(id);
    if (isUsual(id)) this.#deleted.add(id);
  }
}
