import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { mainSlot } from '../../api/index.ts';
import { call } from '../api/client.ts';
import type { DeviceDetail, LoadedModel } from '../api/types.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { shortDigest } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { Copyable, Empty, Panel, Tag } from '../ui/widgets.tsx';
import { DeploymentProgress } from './deployment-progress.tsx';
import { ModelDialog } from './model-dialog.tsx';
import { SlotOrders } from './slot-orders.tsx';

/** What is loaded, what is wanted, and the way from one to the other. */
export function ModelPanel({ detail, reload }: { detail: DeviceDetail; reload: () => void }): JSX.Element {
  const { me } = useSession();
  const [choosing, setChoosing] = useState(false);
  const { summary } = detail;
  // The other slots have a panel of their own.
  const { loaded, cameras = [] } = detail.reported?.slots[mainSlot] ?? {};
  const wanted = detail.desired?.slots?.[mainSlot]?.model;

  return (
    <Panel
      title="Model"
      icon="models"
      aside={
        mayActAs(me, 'operator') && (
          <button type="button" class="button button-main" onClick={() => setChoosing(true)}>
            <Icon name="swap" />
            Change model
          </button>
        )
      }
    >
      {loaded === undefined ? (
        <Empty icon="models" title="No model is loaded" />
      ) : (
        <Loaded model={loaded} cameras={cameras} stale={!summary.online} />
      )}
      {wanted !== undefined && wanted.digest !== loaded?.digest && (
        <p class="wanted">
          Wanted: <b>{`${wanted.name} ${wanted.version}`}</b> <code>{shortDigest(wanted.digest)}</code>
        </p>
      )}
      <SlotOrders detail={detail} slot={mainSlot} reload={reload} />
      <DeploymentProgress device={summary} />
      {choosing && (
        <ModelDialog
          name={summary.id}
          target={{ devices: [summary.id] }}
          online={summary.online}
          current={loaded}
          onClose={() => setChoosing(false)}
          onChoose={async (model) => {
            // A PUT replaces all settings: those that are there are read first and kept.
            const { settings } = await call('GET /devices/:id', { params: { id: summary.id } });
            await call('PUT /devices/:id/desired', {
              params: { id: summary.id },
              body: { ...settings, slots: { ...settings.slots, [mainSlot]: { model } } },
            });
            notify('ok', `${summary.id} was ordered to run ${model.name} ${model.version}.`);
            reload();
          }}
        />
      )}
    </Panel>
  );
}

function Loaded(props: { model: LoadedModel; cameras: readonly string[]; stale: boolean }): JSX.Element {
  const { model, cameras, stale } = props;
  return (
    <div class={`loaded${stale ? ' stale' : ''}`}>
      <p class="loaded-name">
        {model.name} <b>{model.version}</b> {!stale && <Tag tone="ok">In service</Tag>}
      </p>
      <dl class="facts">
        <dt>Digest</dt>
        <dd>
          <Copyable text={model.digest} label="the digest">
            {shortDigest(model.digest)}
          </Copyable>
        </dd>
        <dt>Engine</dt>
        <dd>{model.engine}</dd>
        <dt>Precision</dt>
        <dd>{model.precision}</dd>
        <dt>Cameras</dt>
        <dd>{cameras.join(', ') || 'none'}</dd>
      </dl>
    </div>
  );
}
