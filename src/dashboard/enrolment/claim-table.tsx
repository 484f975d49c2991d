import type { JSX } from 'preact';
import { call } from '../api/client.ts';
import { asFailure } from '../api/failure.ts';
import type { ClaimInfo } from '../api/types.ts';
import { notify } from '../state/notice.ts';
import { useNow } from '../state/use-element.ts';
import { count, formatTime } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Panel, Tag, type Tone } from '../ui/widgets.tsx';

/** All claims, without their secrets. */
export function ClaimTable(props: {
  claims: readonly ClaimInfo[];
  onChanged: () => void;
}): JSX.Element | null {
  const now = useNow(10_000);
  if (props.claims.length === 0) return null;
  const withdraw = async ({ id, name }: ClaimInfo): Promise<void> => {
    try {
      await call('DELETE /claims/:id', { params: { id } });
      notify('ok', `Claim ${name} withdrawn.`);
    } catch (error) {
      const failure = asFailure(error);
      notify('error', `${failure.message} ${failure.remedy}`);
    }
    props.onChanged();
  };
  return (
    <Panel title="Claims" icon="tokens" class="panel-flush">
      <div class="scroll-x">
        <Table
          class="plain-wide"
          columns={[
            'Name',
            'State',
            'Enrolled',
            'Boards',
            'Groups',
            'Until',
            { title: 'Withdraw', unseen: true },
          ]}
        >
          {props.claims.map((claim) => {
            const [tone, word] = stateOf(claim, now);
            return (
              <tr key={claim.id}>
                <th scope="row">{claim.name}</th>
                <td>
                  <Tag tone={tone}>{word}</Tag>
                </td>
                <td>
                  {claim.used} of {claim.count}
                </td>
                <td>
                  {claim.serials.length === 0 ? 'any board' : count(claim.serials.length, 'named board')}
                </td>
                <td>{claim.groups.join(', ')}</td>
                <td>{formatTime(claim.expiresMs)}</td>
                <td class="number">
                  {tone === 'ok' && (
                    <button type="button" class="button" onClick={() => withdraw(claim)}>
                      Withdraw
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </Table>
      </div>
    </Panel>
  );
}

export function stateOf(claim: ClaimInfo, nowMs: number): readonly [Tone, string] {
  if (claim.withdrawnMs !== undefined) return ['error', 'Withdrawn'];
  if (nowMs >= claim.expiresMs) return ['idle', 'Expired'];
  if (claim.used >= claim.count) return ['idle', 'Used up'];
  return ['ok', claim.rule === 'auto' ? 'Open' : 'Open, needs approval'];
}
