import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { mainSlot, membersOf } from '../../api/index.ts';
import { call, request } from '../api/client.ts';
import type { Group, Me } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { ModelDialog } from '../device/model-dialog.tsx';
import { mayActAs, mayActOnFleet, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { formatRoute } from '../state/route.ts';
import { TargetList, useTarget } from '../targets/target-list.tsx';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { count } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';
import { GroupDialog } from './group-dialog.tsx';
import { GroupSettingsDialog } from './group-settings-dialog.tsx';
import { sitesOf } from './sites.ts';

type Open = { readonly what: 'new' } | { readonly what: GroupAction; readonly group: Group };

/** Groups with their members and model, and the sites that labels name. */
export function GroupsPage(): JSX.Element {
  const { me } = useSession();
  const answer = useAnswer(request('GET /groups'), 10_000);
  const [open, setOpen] = useState<Open | undefined>(undefined);
  const close = (): void => {
    setOpen(undefined);
    answer.reload();
  };
  const mayChange = mayActOnFleet(me, 'operator');
  const actions = ({ name }: Group): readonly GroupAction[] =>
    mayChange
      ? groupActions
      : mayActAs(me, 'operator') && isWholeScope(me, name)
        ? ['model', 'settings']
        : [];
  return (
    <>
      <header class="page-head">
        <h1>Groups and sites</h1>
        {mayChange && (
          <button type="button" class="button button-main" onClick={() => setOpen({ what: 'new' })}>
            New group
          </button>
        )}
      </header>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="groups" />}
      {answer.data && <Groups groups={answer.data.groups} actions={actions} act={setOpen} />}
      <Sites />
      {open?.what === 'new' && <GroupDialog onClose={close} />}
      {open?.what === 'members' && <GroupDialog group={open.group} onClose={close} />}
      {open?.what === 'model' && <GroupModelDialog group={open.group} onClose={close} />}
      {open?.what === 'settings' && <GroupSettingsDialog group={open.group} onClose={close} />}
      {open?.what === 'delete' && <DeleteDialog group={open.group} onClose={close} />}
    </>
  );
}

interface GroupsProps {
  readonly groups: readonly Group[];
  readonly actions: (group: Group) => readonly GroupAction[];
  readonly act: (open: Open) => void;
}

function Groups({ groups, actions, act }: GroupsProps): JSX.Element {
  const mayAct = groups.some((group) => actions(group).length > 0);
  if (groups.length === 0)
    return (
      <Panel title="Groups" icon="fleet">
        <Empty icon="fleet" title="No groups yet">
          <p>Devices of a group get the same model, settings and rules.</p>
        </Empty>
      </Panel>
    );
  return (
    <Panel title="Groups" icon="fleet" class="panel-flush">
      <div class="scroll-x">
        <Table
          class="plain-wide"
          columns={[
            'Group',
            'Members',
            'Wanted model',
            ...(mayAct ? [{ title: 'Change', unseen: true }] : []),
          ]}
        >
          {groups.map((group) => (
            <tr key={group.name}>
              <th scope="row">
                <a href={formatRoute(['devices'], { group: group.name })}>{group.name}</a>
              </th>
              <td>{count(membersOf(group).length, 'device')}</td>
              <td>{modelName(group) ?? 'each device differs'}</td>
              {mayAct && (
                <td>
                  <span class="tools rule-tools">
                    {actions(group).map((what) => (
                      <button key={what} type="button" class="button" onClick={() => act({ what, group })}>
                        {actWords[what]}
                        <span class="off-screen">
                          {what === 'delete' ? '' : ' of'} {group.name}
                        </span>
                      </button>
                    ))}
                  </span>
                </td>
              )}
            </tr>
          ))}
        </Table>
      </div>
    </Panel>
  );
}

const groupActions = ['members', 'model', 'settings', 'delete'] as const;
type GroupAction = (typeof groupActions)[number];

/** Everybody in this group is, and will be, of the part of the token. */
function isWholeScope({ scope }: Me, group: string): boolean {
  return scope?.labels === undefined && scope?.groups?.includes(group) === true;
}

const actWords = {
  members: 'Members',
  model: 'Change model',
  settings: 'Settings',
  delete: 'Delete',
} as const;

function modelName({ settings }: Group): string | undefined {
  const model = settings.slots?.[mainSlot]?.model;
  return model && `${model.name} ${model.version}`;
}

function GroupModelDialog({ group, onClose }: { group: Group; onClose: () => void }): JSX.Element {
  return (
    <ModelDialog
      name={`group ${group.name}`}
      target={{ groups: [group.name] }}
      online
      current={undefined}
      onClose={onClose}
      onChoose={async (model) => {
        const latest = await call('GET /groups');
        const settings = latest.groups.find(({ name }) => name === group.name)?.settings;
        await call('PUT /groups/:group/desired', {
          params: { group: group.name },
          body: { ...settings, slots: { ...settings?.slots, [mainSlot]: { model } } },
        });
        notify('ok', `Group ${group.name} was ordered to run ${model.name} ${model.version}.`);
      }}
    />
  );
}

function DeleteDialog({ group, onClose }: { group: Group; onClose: () => void }): JSX.Element {
  const target = { groups: [group.name] };
  return (
    <ActionDialog
      title={`Delete group ${group.name}`}
      word="Delete"
      onClose={onClose}
      onDone={async () => {
        await call('DELETE /groups/:group', { params: { group: group.name } });
        notify('ok', `Group ${group.name} deleted.`);
      }}
    >
      <p>
        The devices stay in the fleet and lose the model and settings that they have from this group. A device
        whose own settings name the group makes it again.
      </p>
      <TargetList target={target} answer={useTarget(target)} />
    </ActionDialog>
  );
}

/** A site is a label that devices have; rollouts and the table of devices choose by it. */
function Sites(): JSX.Element {
  const answer = useAnswer(request('GET /labels'), 10_000);
  const sites = sitesOf(answer.data ?? { devices: [] });
  return (
    <Panel title="Sites" icon="fleet" class="panel-flush">
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.data && sites.length === 0 && (
        <Empty icon="fleet" title="No sites yet">
          <p>
            Choose devices on the page <a href={formatRoute(['devices'])}>Devices</a>, press{' '}
            <b>Act on these</b> and set the label <code>site=west</code>.
          </p>
        </Empty>
      )}
      {sites.length > 0 && (
        <Table columns={['Site', 'Devices']} class="plain-wide">
          {sites.map(({ name, devices }) => (
            <tr key={name}>
              <th scope="row">
                <a href={formatRoute(['devices'], { label: `site=${name}` })}>{name}</a>
              </th>
              <td>{count(devices.length, 'device')}</td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
