import { describeError } from '../../base/index.ts';
import type { AlertRuleRow } from '../store/rows.ts';

/** Port: encryption of what must not stand in the database in clear. */
export interface SecretBox {
  /** Opens only with the same context. */
  seal(text: string, context: string): string;
  /** Throws for what this key did not seal. */
  open(sealed: string, context: string): string;
}

const mark = 'sealed:1:';

/** As the database gets it. */
export function sealRule(rule: AlertRuleRow, box: SecretBox | undefined): AlertRuleRow {
  const { notifySecret } = rule;
  if (box === undefined || notifySecret === undefined || notifySecret.startsWith(mark)) return rule;
  return { ...rule, notifySecret: `${mark}${box.seal(notifySecret, rule.id)}` };
}

export interface OpenedRule {
  readonly rule: AlertRuleRow;
  /** Why its secret can't be read: its messages then have no signature that a receiver accepts. */
  readonly fault?: string;
}

/** As the controller uses it. */
export function openRule(stored: AlertRuleRow, box: SecretBox | undefined): OpenedRule {
  const { notifySecret } = stored;
  if (notifySecret === undefined || !notifySecret.startsWith(mark)) return { rule: stored };
  try {
    if (box === undefined) throw new Error('there is no key');
    const opened = box.open(notifySecret.slice(mark.length), stored.id);
    return { rule: { ...stored, notifySecret: opened } };
  } catch (error) {
    // It stays sealed: nothing is signed with a key that others know, and the right key file mends it.
    return { rule: stored, fault: describeError(error) };
  }
}
