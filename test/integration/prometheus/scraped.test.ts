import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricCatalogue } from '../../../src/api/index.ts';
import { promtoolMissing, ScrapedFleet, shownIn } from './scraped-fleet.ts';

const programs = ['agent', 'controller'] as const;

describe('A fleet that Prometheus reads', () => {
  let fleet: ScrapedFleet;
  const texts = { agent: '', controller: '' };

  beforeAll(async () => {
    fleet = await ScrapedFleet.open();
    for (const program of programs) texts[program] = await fleet[program]();
  });
  afterAll(() => fleet?.close());

  it.each(programs)(
    'shows nothing on its %s that the catalogue has not, with its kind and labels',
    (program) => {
      const rows = [...metricCatalogue[program], ...metricCatalogue.both];
      for (const [name, labels] of shownIn(texts[program])) {
        const row = rows.find((one) => one.name === name);
        expect(row, `${name} is in the catalogue`).toBeDefined();
        expect(row?.labels, name).toEqual(expect.arrayContaining([...labels]));
        expect(texts[program]).toContain(`# TYPE ${name} ${row?.kind}\n`);
      }
    },
  );

  it('shows every metric of the controller that the catalogue has', () => {
    const names = [...metricCatalogue.controller, ...metricCatalogue.both].map(({ name }) => name);
    expect([...shownIn(texts.controller).keys()].sort()).toEqual(names.sort());
  });

  it('shows no value twice: both programs share only what each says of itself', () => {
    const [agent, controller] = [shownIn(texts.agent), shownIn(texts.controller)];
    const shared = [...agent.keys()].filter((name) => controller.has(name));
    const own: readonly string[] = metricCatalogue.both.map(({ name }) => name);
    expect(shared.filter((name) => !own.includes(name))).toEqual([]);
    for (const text of Object.values(texts)) {
      const series = [...text.matchAll(/^(\w+(?:\{.*\})?) \S+$/gm)].map(([, one]) => one);
      expect(new Set(series).size).toBe(series.length);
    }
  });

  it('counts requests by the template of their route, whatever clients ask for', async () => {
    await fleet.fleet.client.call('GET /devices/:id', { params: { id: 'cam-1' } });
    await fetch(`${fleet.fleet.url}/no/such/${'x'.repeat(50)}`);
    const text = await fleet.controller();
    expect(text).toMatch(
      /http_request_seconds_count\{method="GET",route="\/api\/v1\/devices\/:id",status="2xx"\} [1-9]/,
    );
    expect(text).toMatch(/http_request_seconds_count\{method="GET",route="none",status="4xx"\} [1-9]/);
    expect(text).not.toContain('no/such');
    expect(text).toMatch(/database_seconds_count\{operation="commit",result="ok"\} [1-9]/);
  });

  it.skipIf(promtoolMissing !== undefined).each(programs)(
    `pleases promtool check metrics on its %s${promtoolMissing === undefined ? '' : ` (skipped: ${promtoolMissing})`}`,
    (program) => {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: texts[program],
      });
      expect(`${stdout}${stderr}`).toBe('');
      expect(status).toBe(0);
    },
  );
});
