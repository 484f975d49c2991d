import type { JSX } from 'preact';
import { alertChannels, channelOf } from '../../api/index.ts';
import type { AlertRule } from '../api/types.ts';
import { Table } from '../ui/table.tsx';
import { Empty, Panel } from '../ui/widgets.tsx';
import { TestButton } from './test-button.tsx';

/** Where messages go: every address that rules name, with those rules. */
export function Channels({ rules }: { rules: readonly AlertRule[] }): JSX.Element {
  const byAddress = new Map<string, AlertRule[]>();
  for (const rule of rules)
    if (rule.notify !== undefined)
      byAddress.set(rule.notify.to, [...(byAddress.get(rule.notify.to) ?? []), rule]);
  return (
    <Panel title="Channels" icon="bell" class="panel-flush">
      {byAddress.size === 0 ? (
        <Empty icon="bell" title="No rule sends messages yet">
          <p>
            Edit a rule and fill in <b>Notify</b>. Goshawk can notify {Object.keys(alertChannels).join(', ')}.
          </p>
        </Empty>
      ) : (
        <div class="scroll-x">
          <Table
            class="plain-wide"
            columns={['Address', 'Channel', 'Rules', { title: 'Test', unseen: true }]}
          >
            {[...byAddress].map(([to, own]) => (
              <tr key={to}>
                <th scope="row" class="rule-webhook" title={to}>
                  {to}
                </th>
                <td>{channelOf(to)}</td>
                <td>{own.map(({ name }) => name).join(', ')}</td>
                <td class="number">{own[0] && <TestButton rule={own[0]} />}</td>
              </tr>
            ))}
          </Table>
        </div>
      )}
    </Panel>
  );
}
