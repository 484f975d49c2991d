import type { JSX } from 'preact';
import type { ModelInfo, RolloutDetail } from '../../api/index.ts';
import { request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { formatBytes, formatShare, unknown } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Panel } from '../ui/widgets.tsx';

/** The version that comes beside the one that most devices of the rollout had: what was measured of both. */
export function VersionComparison({ rollout }: { rollout: RolloutDetail }): JSX.Element | null {
  const answer = useAnswer(request('GET /models'), 60_000);
  const models = new Map(answer.data?.models.map((model) => [model.digest, model]));
  const after = models.get(rollout.model.digest);
  const [most] = formerOf(rollout);
  const before = most === undefined ? undefined : models.get(most);
  if (after === undefined || before === undefined || before.digest === after.digest) return null;
  const rows: readonly [string, (model: ModelInfo) => string][] = [
    ['mAP, fp32', (model) => formatShare(variantOf(model, 'fp32')?.map)],
    ['AP50, fp32', (model) => formatShare(variantOf(model, 'fp32')?.ap50)],
    ['mAP, 8 bit', (model) => formatShare(variantOf(model, 'qdq-s8')?.map)],
    ['measured on', (model) => variantOf(model, 'fp32')?.dataset ?? unknown],
    ['size', (model) => formatBytes(model.sizeBytes)],
    ['classes', (model) => classWords(model, before)],
  ];
  return (
    <Panel title="Changes" class="panel-flush">
      <div class="scroll-x">
        <Table
          class="plain-wide"
          columns={[
            { title: 'Measure', unseen: true },
            `${before.name} ${before.version}`,
            `${after.name} ${after.version}`,
          ]}
        >
          {rows.map(([name, of]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{of(before)}</td>
              <td>{of(after)}</td>
            </tr>
          ))}
        </Table>
      </div>
    </Panel>
  );
}

/** Digests that devices ran before, the most common first. */
function formerOf({ devices, model }: RolloutDetail): string[] {
  const counts = new Map<string, number>();
  for (const { ranBefore, before } of devices) {
    const digest = ranBefore?.digest ?? before?.digest;
    if (digest !== undefined && digest !== model.digest) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([digest]) => digest);
}

function variantOf(model: ModelInfo, kind: string) {
  return model.variants.find((variant) => variant.kind === kind);
}

function classWords(model: ModelInfo, before: ModelInfo): string {
  if (model === before) return String(model.labels.length);
  const less = before.labels.filter((label) => !model.labels.includes(label)).map((label) => `-${label}`);
  const more = model.labels.filter((label) => !before.labels.includes(label)).map((label) => `+${label}`);
  return [String(model.labels.length), ...more, ...less].join(' ');
}
