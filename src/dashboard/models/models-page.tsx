import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { mainSlot, membersOf } from '../../api/index.ts';
import { call, request } from '../api/client.ts';
import type { Group, ModelInfo } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { ModelDialog } from '../device/model-dialog.tsx';
import { mayActAs, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { formatRoute } from '../state/route.ts';
import { count, formatBytes, formatShare, formatTime, shortDigest } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Copyable, Empty, Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';

/** The bundles that the controller holds, and the groups that can be moved to one. */
export function ModelsPage(): JSX.Element {
  const answer = useAnswer(request('GET /models'), 10_000);
  const models = answer.data?.models ?? [];
  return (
    <>
      <header class="page-head">
        <h1>Models</h1>
      </header>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="models" />}
      {answer.data && models.length === 0 && (
        <Empty icon="models" title="The controller has no models yet">
          <p>Create a bundle and push it:</p>
          <pre>goshawk model import net.onnx --labels labels.txt --out bundle/</pre>
          <pre>goshawk model push bundle/</pre>
        </Empty>
      )}
      <div class="model-cards">
        {models.map((model) => (
          <ModelCard key={model.digest} model={model} />
        ))}
      </div>
      <Groups />
    </>
  );
}

function ModelCard({ model }: { model: ModelInfo }): JSX.Element {
  return (
    <Panel
      title={`${model.name} ${model.version}`}
      icon="models"
      aside={
        model.complete ? (
          model.devices > 0 ? (
            <a href={formatRoute(['devices'], { model: model.digest })}>{count(model.devices, 'device')}</a>
          ) : (
            <span class="sub">On no device</span>
          )
        ) : (
          <Tag tone="warning" title={model.missing.join(', ')}>
            {count(model.missing.length, 'file')} missing
          </Tag>
        )
      }
    >
      <dl class="facts">
        <dt>Digest</dt>
        <dd>
          <Copyable text={model.digest} label="the digest">
            {shortDigest(model.digest)}
          </Copyable>
        </dd>
        <dt>Labels</dt>
        <dd title={model.labels.join(', ')}>
          {model.labels.slice(0, 6).join(', ')}
          {model.labels.length > 6 && ` and ${model.labels.length - 6} more`}
        </dd>
        <dt>Licence</dt>
        <dd>{model.licence || 'not stated'}</dd>
        <dt>Uploaded</dt>
        <dd>
          {formatTime(model.uploadedMs)}, {formatBytes(model.sizeBytes)}
        </dd>
      </dl>
      <div class="scroll-x">
        <Table
          columns={[
            'Variant',
            { title: 'Size', number: true },
            { title: 'mAP', number: true },
            { title: 'AP50', number: true },
            'Measured on',
          ]}
        >
          {model.variants.map((variant) => (
            <tr key={variant.kind}>
              <th scope="row">{variant.kind}</th>
              <td class="number">{formatBytes(variant.sizeBytes)}</td>
              <td class="number">{formatShare(variant.map)}</td>
              <td class="number">{formatShare(variant.ap50)}</td>
              <td>{variant.dataset ?? 'not measured'}</td>
            </tr>
          ))}
        </Table>
      </div>
    </Panel>
  );
}

function Groups(): JSX.Element | null {
  const { me } = useSession();
  const answer = useAnswer(request('GET /groups'), 10_000);
  const [chosen, setChosen] = useState<Group | undefined>(undefined);
  const groups = answer.data?.groups ?? [];
  if (answer.failure) return <Problem failure={answer.failure} retry={answer.reload} />;
  if (groups.length === 0) return null;
  return (
    <Panel title="Groups" icon="fleet" class="panel-flush">
      <div class="scroll-x">
        <Table
          class="plain-wide"
          columns={[
            'Group',
            'Members',
            'Wanted model',
            ...(mayActAs(me, 'operator') ? [{ title: 'Change', unseen: true }] : []),
          ]}
        >
          {groups.map((group) => (
            <tr key={group.name}>
              <th scope="row">
                <a href={formatRoute(['devices'], { group: group.name })}>{group.name}</a>
              </th>
              <td>{count(membersOf(group).length, 'device')}</td>
              <td>{modelName(group) ?? 'each device differs'}</td>
              {mayActAs(me, 'operator') && (
                <td class="number">
                  <button type="button" class="button" onClick={() => setChosen(group)}>
                    Change model
                  </button>
                </td>
              )}
            </tr>
          ))}
        </Table>
      </div>
      {chosen && (
        <ModelDialog
          name={`group ${chosen.name}`}
          target={{ groups: [chosen.name] }}
          online
          current={undefined}
          onClose={() => setChosen(undefined)}
          onChoose={async (model) => {
            const latest = await call('GET /groups');
            const settings = latest.groups.find((group) => group.name === chosen.name)?.settings;
            await call('PUT /groups/:group/desired', {
              params: { group: chosen.name },
              body: { ...settings, slots: { ...settings?.slots, [mainSlot]: { model } } },
            });
            notify('ok', `Group ${chosen.name} was ordered to run ${model.name} ${model.version}.`);
            answer.reload();
          }}
        />
      )}
    </Panel>
  );
}

function modelName({ settings }: Group): string | undefined {
  const model = settings.slots?.[mainSlot]?.model;
  return model && `${model.name} ${model.version}`;
}
