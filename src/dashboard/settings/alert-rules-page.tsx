import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { conditionWords } from '../../api/index.ts';
import { call, request } from '../api/client.ts';
import type { AlertRule } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { notify } from '../state/notice.ts';
import { useAsked } from '../state/use-asked.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { formatDuration } from '../ui/format.ts';
import { SeverityTag } from '../ui/status.tsx';
import { Table } from '../ui/table.tsx';
import { Empty, Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';
import { AlertRuleDialog } from './alert-rule-dialog.tsx';
import { Channels } from './channels.tsx';
import { TestButton } from './test-button.tsx';

type Open = { readonly what: 'new' } | { readonly what: 'edit' | 'delete'; readonly rule: AlertRule };

/** Rules that raise alerts, and their receivers. */
export function AlertRulesPage(): JSX.Element {
  const answer = useAnswer(request('GET /alert-rules'));
  const [open, setOpen] = useState<Open | undefined>(undefined);
  const [asked, done] = useAsked();
  const close = (): void => {
    done();
    setOpen(undefined);
    answer.reload();
  };
  const rules = answer.data?.rules ?? [];
  return (
    <>
      <header class="page-head">
        <h1>Rules and channels</h1>
        <button type="button" class="button button-main" onClick={() => setOpen({ what: 'new' })}>
          New rule
        </button>
      </header>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="rules" />}
      {answer.data && rules.length === 0 && (
        <Panel title="Rules" icon="bell">
          <Empty icon="bell" title="No rules yet">
            <p>
              A rule defines an alert: a blind camera, a worse model, an offline device, a metric beyond a
              limit. It can notify a webhook, people by e-mail, or a broker.
            </p>
          </Empty>
        </Panel>
      )}
      {rules.length > 0 && (
        <Panel title="Rules" icon="bell" class="panel-flush">
          <div class="scroll-x">
            <Table
              class="plain-wide rules"
              columns={[
                'Name',
                'When',
                'For',
                'Scope',
                'Severity',
                'Notifies',
                { title: 'Actions', unseen: true },
              ]}
            >
              {rules.map((rule) => (
                <RuleRow key={rule.id} rule={rule} act={setOpen} />
              ))}
            </Table>
          </div>
        </Panel>
      )}
      <Channels rules={rules} />
      {(open?.what === 'new' || (open === undefined && asked === 'new')) && (
        <AlertRuleDialog onClose={close} />
      )}
      {open?.what === 'edit' && <AlertRuleDialog rule={open.rule} onClose={close} />}
      {open?.what === 'delete' && <DeleteDialog rule={open.rule} onClose={close} />}
    </>
  );
}

function RuleRow({ rule, act }: { rule: AlertRule; act: (open: Open) => void }): JSX.Element {
  const whom = [...rule.scope.groups, ...rule.scope.devices];
  return (
    <tr>
      <th scope="row">
        {rule.name} {!rule.enabled && <Tag tone="idle">Off</Tag>}
        {rule.problem !== undefined && (
          <Tag tone="warning" icon="warning" title={rule.problem}>
            Cannot fire
          </Tag>
        )}
      </th>
      <td>{conditionWords(rule.when)}</td>
      <td class="nowrap">{rule.forSeconds === 0 ? 'at once' : formatDuration(rule.forSeconds * 1000)}</td>
      <td>{whom.length === 0 ? 'Whole fleet' : whom.join(', ')}</td>
      <td>
        <SeverityTag severity={rule.severity} />
      </td>
      <td class="rule-webhook" title={rule.notify?.to}>
        {rule.notify?.to ?? <span class="sub">no message</span>}
      </td>
      <td>
        <span class="tools rule-tools">
          {rule.notify !== undefined && <TestButton rule={rule} />}
          <button type="button" class="button" onClick={() => act({ what: 'edit', rule })}>
            Edit<span class="off-screen"> {rule.name}</span>
          </button>
          <button type="button" class="button" onClick={() => act({ what: 'delete', rule })}>
            Delete<span class="off-screen"> {rule.name}</span>
          </button>
        </span>
      </td>
    </tr>
  );
}

function DeleteDialog({ rule, onClose }: { rule: AlertRule; onClose: () => void }): JSX.Element {
  const remove = async (): Promise<void> => {
    await call('DELETE /alert-rules/:id', { params: { id: rule.id } });
    notify('ok', `Rule ${rule.name} deleted; its alerts are resolved.`);
  };
  return (
    <ActionDialog title={`Delete ${rule.name}`} word="Delete" danger onClose={onClose} onDone={remove}>
      <p>Its alerts are resolved at once, with a message. Their history is kept.</p>
    </ActionDialog>
  );
}
