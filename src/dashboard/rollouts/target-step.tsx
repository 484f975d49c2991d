import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Selector } from '../../api/index.ts';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { TargetList, useTarget } from '../targets/target-list.tsx';
import { TextField } from '../ui/text-field.tsx';
import { Switch } from '../ui/widgets.tsx';
import type { StepProps } from './rollout-draft.ts';
import { targetOf } from './rollout-draft.ts';

/** Which devices, named as the controller resolves them. */
export function TargetStep({ draft, change }: StepProps): JSX.Element {
  const state = useValue(useSession().fleet.state);
  const groups = useMemo(() => {
    const devices = state.phase === 'ready' ? state.devices : [];
    return [...new Set([...devices.flatMap((one) => one.groups), ...draft.groups])].sort();
  }, [state, draft.groups]);
  const toggle = (group: string): void =>
    change({
      groups: draft.groups.includes(group)
        ? draft.groups.filter((one) => one !== group)
        : [...draft.groups, group],
    });
  const target = targetOf(draft);
  return (
    <>
      <Switch on={draft.all} onChange={(all) => change({ all })}>
        Every device
      </Switch>
      {!draft.all && (
        <>
          {groups.length > 0 && (
            <fieldset aria-label="Groups">
              <legend class="field-legend">Members of any of these groups</legend>
              <div class="chips">
                {groups.map((group) => (
                  <button
                    key={group}
                    type="button"
                    class="chip"
                    aria-pressed={draft.groups.includes(group)}
                    onClick={() => toggle(group)}
                  >
                    {group}
                  </button>
                ))}
              </div>
            </fieldset>
          )}
          <div class="form-row">
            <TextField
              label="Devices (empty: any)"
              value={draft.devices}
              hint="truck-7, truck-9"
              onInput={(devices) => change({ devices })}
            />
            <TextField
              label="Labels, all of these (empty: any)"
              value={draft.labels}
              hint="site=west ring=canary"
              onInput={(labels) => change({ labels })}
            />
          </div>
          <p class="sub">A device must fit everything that you fill in.</p>
        </>
      )}
      {target !== undefined && <Resolved target={target} />}
    </>
  );
}

function Resolved({ target }: { target: Selector }): JSX.Element {
  return <TargetList target={target} answer={useTarget(target)} />;
}
