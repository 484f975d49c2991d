import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ApprovalRule, Selector } from '../../api/index.ts';
import { call, request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { notify } from '../state/notice.ts';
import { TargetList, useTarget } from '../targets/target-list.tsx';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { Table } from '../ui/table.tsx';
import { TextField } from '../ui/text-field.tsx';
import { Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';
import { scopeOf } from './scope-draft.ts';

/** Devices whose orders need a second person; for admins of the whole fleet. */
export function ApprovalRules(): JSX.Element {
  const { data, failure, loading, reload } = useAnswer(request('GET /approval-rules'));
  const [open, setOpen] = useState<'new' | ApprovalRule | undefined>(undefined);
  const rules = data?.rules ?? [];
  const close = (): void => {
    setOpen(undefined);
    reload();
  };
  return (
    <Panel
      title="Orders that need a second person"
      icon="person"
      class="panel-flush"
      aside={
        <button type="button" class="button" disabled={data === undefined} onClick={() => setOpen('new')}>
          New approval rule
        </button>
      }
    >
      {failure && <Problem failure={failure} retry={reload} />}
      {loading && <Loading what="approval rules" />}
      {data && rules.length === 0 && (
        <Empty icon="check" title="Every order of an operator is done at once" />
      )}
      {rules.length > 0 && (
        <Table class="plain-wide" columns={['Rule', 'Devices', { title: 'Remove', unseen: true }]}>
          {rules.map((rule) => (
            <tr key={rule.name}>
              <th scope="row">{rule.name}</th>
              <td>{selectorWords(rule.target)}</td>
              <td class="number">
                <button type="button" class="button" onClick={() => setOpen(rule)}>
                  Remove<span class="off-screen"> the approval rule {rule.name}</span>
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {open === 'new' && <NewRule onClose={close} />}
      {open !== undefined && open !== 'new' && <RemoveRule rule={open} onClose={close} />}
    </Panel>
  );
}

/** Changes the rules as they are now. */
async function changeRules(change: (rules: readonly ApprovalRule[]) => ApprovalRule[]): Promise<void> {
  const { rules } = await call('GET /approval-rules');
  await call('PUT /approval-rules', { body: { rules: change(rules) } });
}

function NewRule({ onClose }: { onClose: () => void }): JSX.Element {
  const [name, setName] = useState('');
  const [groups, setGroups] = useState('');
  const [labels, setLabels] = useState('');
  const { scope, wrong } = scopeOf({ groups, labels });
  const field = (label: string, hint: string, value: string, onInput: (value: string) => void) => (
    <TextField label={label} value={value} hint={hint} maxLength={1000} onInput={onInput} />
  );
  return (
    <ActionDialog
      title="New approval rule"
      word="Create rule"
      ready={name.trim() !== '' && scope !== undefined && wrong === undefined}
      onClose={onClose}
      onDone={async () => {
        const rule = { name: name.trim(), target: scope ?? {} };
        await changeRules((rules) => [...rules.filter((one) => one.name !== rule.name), rule]);
        notify('ok', `Orders for the devices of ${rule.name} need a second person.`);
      }}
    >
      <div class="form">
        <p>
          Every change of these devices then waits until another person approves it on the page Rollouts. To
          change or remove the rule needs a second person too.
        </p>
        {field('Name', 'clinic', name, setName)}
        {field('Groups, comma-separated', 'any', groups, setGroups)}
        {field('Labels, as key=value', 'site=clinic', labels, setLabels)}
        {wrong !== undefined && <p class="tone-error">{wrong} is no label: write key=value.</p>}
        {scope && wrong === undefined && <Concerned target={scope} />}
      </div>
    </ActionDialog>
  );
}

function Concerned({ target }: { target: Selector }): JSX.Element {
  return <TargetList target={target} answer={useTarget(target)} />;
}

function RemoveRule({ rule, onClose }: { rule: ApprovalRule; onClose: () => void }): JSX.Element {
  return (
    <ActionDialog
      title={`Remove the approval rule ${rule.name}`}
      word="Remove"
      danger
      onClose={onClose}
      onDone={async () => {
        await changeRules((rules) => rules.filter(({ name }) => name !== rule.name));
        notify('ok', `The approval rule ${rule.name} was removed.`);
      }}
    >
      <p>
        Orders for {selectorWords(rule.target)} are then done at once, unless another rule covers them. A
        second person has to approve the removal: after that, remove the rule again here.
      </p>
    </ActionDialog>
  );
}

function selectorWords({ all, devices, groups, boards, labels, except }: Selector): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  const parts = [
    ...(all === true ? ['every device'] : []),
    ...(groups ?? []).map((group) => `group ${group}`),
    ...(boards ?? []),
    ...pairs,
    ...(devices ?? []).slice(0, 20),
  ];
  return `${parts.join(', ')}${except === undefined ? '' : `, except ${selectorWords(except)}`}`;
}
