import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import { asFailure } from '../api/failure.ts';
import type { AlertRule } from '../api/types.ts';
import { notify } from '../state/notice.ts';

/** Sends a message of this rule now, and says what the receiver answered. */
export function TestButton({ rule }: { rule: AlertRule }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const test = async (): Promise<void> => {
    setBusy(true);
    try {
      const result = await call('POST /alert-rules/:id/test', { params: { id: rule.id } });
      if (result.delivered) notify('ok', `Test message of ${rule.name} delivered: ${result.said}.`);
      else notify('error', `${result.error} ${result.remedy ?? ''}`);
    } catch (error) {
      const failure = asFailure(error);
      notify('error', `${failure.message} ${failure.remedy}`);
    }
    setBusy(false);
  };
  return (
    <button type="button" class="button" disabled={busy} onClick={test}>
      {busy ? 'Testing…' : 'Test'}
      <span class="off-screen"> {rule.name}</span>
    </button>
  );
}
