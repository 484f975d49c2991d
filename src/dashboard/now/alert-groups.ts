import type { Alert, Severity } from '../api/types.ts';

const order: readonly Severity[] = ['critical', 'error', 'warning', 'info'];

/** Alerts that one rule raised: they have one cause, or are looked into as one. */
export interface AlertGroup {
  readonly rule: string;
  readonly name: string;
  readonly severity: Severity;
  readonly alerts: readonly Alert[];
  readonly sinceMs: number;
  /** Nobody acknowledged, silenced or took over at least one of them. */
  readonly open: number;
}

/** Active alerts by cause: those without an owner first, then the worst, then the largest. */
export function groupAlerts(alerts: readonly Alert[], nowMs: number): AlertGroup[] {
  const byRule = new Map<string, Alert[]>();
  for (const alert of alerts) byRule.set(alert.rule, [...(byRule.get(alert.rule) ?? []), alert]);
  const groups = [...byRule].map(([rule, own]): AlertGroup => {
    const first = own[0]!;
    return {
      rule,
      name: first.ruleName,
      severity: own.map(({ severity }) => severity).sort(bySeverity)[0]!,
      alerts: [...own].sort((a, b) => b.firedMs - a.firedMs),
      sinceMs: Math.min(...own.map(({ sinceMs }) => sinceMs)),
      open: own.filter((alert) => isOpen(alert, nowMs)).length,
    };
  });
  return groups.sort(
    (a, b) =>
      Number(b.open > 0) - Number(a.open > 0) ||
      bySeverity(a.severity, b.severity) ||
      b.alerts.length - a.alerts.length,
  );
}

export function isSilent({ silence }: Pick<Alert, 'silence'>, nowMs: number): boolean {
  return silence !== undefined && silence.untilMs > nowMs;
}

/** It has no owner yet. */
export function isOpen(alert: Alert, nowMs: number): boolean {
  return alert.acknowledgedMs === undefined && alert.assigned === undefined && !isSilent(alert, nowMs);
}

function bySeverity(a: Severity, b: Severity): number {
  return order.indexOf(a) - order.indexOf(b);
}
