import type { JSX } from 'preact';
import { request } from '../api/client.ts';
import type { ModelInfo } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useValue } from '../observable/value.ts';
import { formatRoute, refine, route } from '../state/route.ts';
import { Icon } from '../ui/icons.tsx';
import { Table } from '../ui/table.tsx';
import { Choice, Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';
import { type ComparedRow, comparedRows } from './compare.ts';

/** Two versions side by side: what each weighs, how well it was measured, and where it runs. */
export function ComparePage(): JSX.Element {
  const query = useValue(route).query;
  const answer = useAnswer(request('GET /models'), 10_000);
  const models = answer.data?.models ?? [];
  const left = models.find(({ digest }) => digest === query.get('a')) ?? models[0];
  const right =
    models.find(({ digest }) => digest === query.get('b')) ??
    models.find(({ digest, name }) => digest !== left?.digest && name === left?.name) ??
    models.find(({ digest }) => digest !== left?.digest);
  return (
    <>
      <a class="back" href={formatRoute(['models'])}>
        <Icon name="back" />
        Models
      </a>
      <header class="page-head">
        <h1>Compare two models</h1>
      </header>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="models" />}
      {answer.data && (left === undefined || right === undefined) && (
        <Empty icon="models" title="The controller has fewer than two models" />
      )}
      {left && right && <Comparison models={models} left={left} right={right} />}
    </>
  );
}

function Comparison(props: { models: readonly ModelInfo[]; left: ModelInfo; right: ModelInfo }): JSX.Element {
  const { models, left, right } = props;
  const options = models.map(({ digest, name, version }) => [digest, `${name} ${version}`] as const);
  const choose = (part: { a?: string; b?: string }): void =>
    refine({ a: left.digest, b: right.digest, ...part });
  return (
    <Panel title={`${nameOf(left)} and ${nameOf(right)}`} icon="models" class="panel-flush">
      <div class="filters">
        <Choice label="First" value={left.digest} options={options} onChange={(a) => choose({ a })} />
        <Choice label="Second" value={right.digest} options={options} onChange={(b) => choose({ b })} />
      </div>
      <div class="scroll-x">
        <Table
          class="plain-wide compared"
          columns={[
            'What',
            { title: `First: ${nameOf(left)}`, number: true },
            { title: `Second: ${nameOf(right)}`, number: true },
            { title: 'Difference', number: true },
          ]}
        >
          {comparedRows(left, right).map((row) => (
            <Row key={row.what} row={row} />
          ))}
          <tr>
            <th scope="row">Runs on</th>
            {[left, right].map((model) => (
              <td key={model.digest} class="number">
                <a href={formatRoute(['devices'], { model: model.digest })}>
                  {model.devices} <span class="off-screen">devices with {nameOf(model)}</span>
                </a>
              </td>
            ))}
            <td />
          </tr>
        </Table>
      </div>
    </Panel>
  );
}

function Row({ row }: { row: ComparedRow }): JSX.Element {
  return (
    <tr>
      <th scope="row">{row.what}</th>
      <td class="number">{row.left}</td>
      <td class="number">{row.right}</td>
      <td class={`number${row.tone === undefined ? '' : ` tone-${row.tone}`}`}>{row.difference}</td>
    </tr>
  );
}

function nameOf({ name, version }: ModelInfo): string {
  return `${name} ${version}`;
}
