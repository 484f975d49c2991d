import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call, request } from '../api/client.ts';
import type { ModelInfo } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { mayActAs, mayActOnFleet, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { formatRoute } from '../state/route.ts';
import { useAsked } from '../state/use-asked.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { count, formatBytes, formatShare, formatTime, shortDigest } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Copyable, Empty, Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';
import { UploadDialog } from './upload-dialog.tsx';

/** The bundles that the controller holds. */
export function ModelsPage(): JSX.Element {
  const answer = useAnswer(request('GET /models'), 10_000);
  const [deleting, setDeleting] = useState<ModelInfo | undefined>(undefined);
  const [uploading, setUploading] = useState(false);
  const [asked, done] = useAsked();
  const { me } = useSession();
  const isUploading = uploading || (asked === 'upload' && mayActOnFleet(me, 'operator'));
  const models = answer.data?.models ?? [];
  return (
    <>
      <header class="page-head">
        <h1>Models</h1>
        <div class="tools">
          {mayActOnFleet(me, 'operator') && (
            <button type="button" class="button" onClick={() => setUploading(true)}>
              Upload
            </button>
          )}
          {models.length > 1 && (
            <a class="button" href={formatRoute(['models', 'compare'])}>
              Compare
            </a>
          )}
        </div>
      </header>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="models" />}
      {answer.data && (
        <p class="sub">
          Upload a version here, or with <code>goshawk model push bundle/</code>. Change what a group runs in{' '}
          <a href={formatRoute(['settings', 'groups'])}>Settings</a>.
        </p>
      )}
      {answer.data && models.length === 0 && (
        <Empty icon="models" title="The controller has no models yet">
          <p>Create a bundle, and upload it here or push it:</p>
          <pre>goshawk model import net.onnx --labels labels.txt --out bundle/</pre>
          <pre>goshawk model push bundle/</pre>
        </Empty>
      )}
      <div class="model-cards">
        {models.map((model) => (
          <ModelCard key={model.digest} model={model} askDelete={() => setDeleting(model)} />
        ))}
      </div>
      {isUploading && (
        <UploadDialog
          onClose={() => {
            done();
            setUploading(false);
            answer.reload();
          }}
        />
      )}
      {deleting && (
        <DeleteDialog
          model={deleting}
          onClose={() => {
            setDeleting(undefined);
            answer.reload();
          }}
        />
      )}
    </>
  );
}

function DeleteDialog({ model, onClose }: { model: ModelInfo; onClose: () => void }): JSX.Element {
  const name = `${model.name} ${model.version}`;
  return (
    <ActionDialog
      title={`Delete ${name}`}
      word="Delete"
      onClose={onClose}
      onDone={async () => {
        await call('DELETE /models/:digest', { params: { digest: model.digest } });
        notify('ok', `${name} was deleted from the controller.`);
      }}
    >
      <p>
        {model.devices > 0
          ? `${count(model.devices, 'device runs', 'devices run')} it and ${model.devices === 1 ? 'keeps' : 'keep'} it. `
          : 'No device runs it. '}
        No device can download it any more, also not to roll back to it.
      </p>
    </ActionDialog>
  );
}

function ModelCard({ model, askDelete }: { model: ModelInfo; askDelete: () => void }): JSX.Element {
  const { me } = useSession();
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
      <div class="tools">
        {mayActAs(me, 'operator') && model.complete && (
          <a class="button button-main" href={formatRoute(['rollouts', 'new'], { model: model.digest })}>
            Roll out<span class="off-screen"> {model.version}</span>
          </a>
        )}
        <a class="button" href={formatRoute(['models', 'compare'], { a: model.digest })}>
          Compare<span class="off-screen"> {model.version}</span>
        </a>
        {mayActOnFleet(me, 'admin') && (
          <button type="button" class="button" onClick={askDelete}>
            Delete<span class="off-screen"> {model.version}</span>
          </button>
        )}
      </div>
    </Panel>
  );
}
