import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CohortFleet,
  type CohortMember,
  type CohortOptions,
  defaultCohortOptions,
  judgeCohort as judge,
} from '../../../../src/drift/fleet/cohort.ts';
import { seededRandom } from '../../../../src/drift/random.ts';

const options: CohortOptions = { ...defaultCohortOptions, background: 1 / 720 };

interface Watched extends CohortMember {
  readonly alarmed: boolean;
}

function judgeCohort(camera: string, members: readonly Watched[], how: CohortOptions, preferModel = false) {
  const alarmed = new Set(members.filter((member) => member.alarmed).map((member) => member.camera));
  return judge(camera, new CohortFleet(members), alarmed, how, preferModel);
}

/** Cameras `<site>-<number>`, one per device, `size` of each site. */
function fleet(
  sites: readonly string[],
  size: number,
  alarmed: (camera: string, site: string) => boolean,
  model: (site: string) => string = () => 'street',
): Watched[] {
  return sites.flatMap((site) =>
    Array.from({ length: size }, (_, i) => {
      const camera = `${site}-${i}`;
      return { camera, device: camera, groups: [site], model: model(site), alarmed: alarmed(camera, site) };
    }),
  );
}

describe('The cohort of an alarm', () => {
  it('is the camera itself when no other alarms', () => {
    const members = fleet(['east', 'west'], 10, (camera) => camera === 'east-0');
    expect(judgeCohort('east-0', members, options)).toEqual({
      scope: 'camera',
      name: 'east-0',
      cameras: 1,
      alarmed: 1,
      pValue: 1,
      sameAs: [],
    });
  });

  it('is the site when the site alarms and the rest does not', () => {
    const members = fleet(['east', 'west', 'north'], 10, (_, site) => site === 'east');
    const verdict = judgeCohort('east-3', members, options);
    expect(verdict).toMatchObject({ scope: 'group', name: 'east', cameras: 10, alarmed: 10 });
    expect(verdict.pValue).toBeLessThan(1e-10);
  });

  it('is the device when its cameras alarm and no other', () => {
    const members = [
      ...['a', 'b', 'c'].map((name) => ({
        camera: `box/${name}`,
        device: 'box',
        groups: ['east'],
        model: 'street',
        alarmed: true,
      })),
      ...fleet(['east', 'west'], 20, () => false),
    ];
    expect(judgeCohort('box/a', members, options)).toMatchObject({ scope: 'device', name: 'box' });
  });

  it('is everyone when the alarm is everywhere, though not on every camera', () => {
    const members = fleet(['east', 'west', 'north'], 10, (camera) => !camera.endsWith('7'));
    const verdict = judgeCohort('east-0', members, options);
    expect(verdict).toMatchObject({ scope: 'everyone', cameras: 30, alarmed: 27 });
    expect(verdict.sameAs).toEqual([{ scope: 'model', name: 'street' }]);
  });

  it('is the model first when all run it and the alarm is about what it says', () => {
    const members = fleet(['east', 'west'], 5, () => true);
    const verdict = judgeCohort('east-0', members, options, true);
    expect(verdict).toMatchObject({ scope: 'model', name: 'street' });
    expect(verdict.sameAs).toEqual([{ scope: 'everyone', name: '' }]);
  });

  it('is the model when the canaries alarm on every site and the others do not', () => {
    const members = ['east', 'west', 'north'].flatMap((site) =>
      Array.from({ length: 10 }, (_, i) => ({
        camera: `${site}-${i}`,
        device: `${site}-${i}`,
        groups: [site],
        model: i < 3 ? 'new' : 'old',
        alarmed: i < 3,
      })),
    );
    expect(judgeCohort('east-0', members, options)).toMatchObject({
      scope: 'model',
      name: 'new',
      cameras: 9,
      alarmed: 9,
    });
  });

  it('is the site, not everyone, when the site is most of the fleet', () => {
    const large = fleet(['east'], 40, () => true);
    const small = fleet(['west'], 10, () => false);
    expect(judgeCohort('east-0', [...large, ...small], options)).toMatchObject({
      scope: 'group',
      name: 'east',
    });
  });

  it('is not everyone because three of ten thousand alarm at once', () => {
    const members = fleet(['east', 'west'], 5000, (camera) =>
      ['east-0', 'west-1', 'west-2'].includes(camera),
    );
    const verdict = judgeCohort('east-0', members, { ...options, background: 1e-7 });
    expect(verdict.scope).toBe('camera');
  });

  it('says that two names fit the same cameras', () => {
    const members = fleet(['east'], 4, () => true);
    const verdict = judgeCohort('east-0', members, options);
    expect([verdict.scope, ...verdict.sameAs.map(({ scope }) => scope)]).toEqual([
      'everyone',
      'model',
      'group',
    ]);
  });

  it('is the camera alone for one that is not among the members', () => {
    expect(
      judgeCohort(
        'gone',
        fleet(['east'], 3, () => true),
        options,
      ).scope,
    ).toBe('camera');
  });

  it('calls a coincidence a cohort at most as often as alpha says, at any background', () => {
    const random = seededRandom(21);
    for (const background of [1 / 720, 0.02, 0.1]) {
      let alarms = 0;
      let wrong = 0;
      for (let window = 0; window < 4000; window++) {
        const members = fleet(['a', 'b', 'c', 'd'], 6, () => random.next() < background);
        for (const { camera, alarmed } of members) {
          if (!alarmed) continue;
          alarms += 1;
          if (judgeCohort(camera, members, { ...options, background }).scope !== 'camera') wrong += 1;
        }
      }
      expect(alarms).toBeGreaterThan(100);
      // Alarms of one window that are called a cohort are so together: their number has fat tails.
      expect(wrong / alarms).toBeLessThan(options.alpha + 3 * Math.sqrt((6 * options.alpha) / alarms));
    }
  });

  it('finds a site of six with four blind cameras nearly always at an ordinary background', () => {
    const random = seededRandom(22);
    let found = 0;
    for (let window = 0; window < 500; window++) {
      const members = fleet(['a', 'b', 'c', 'd'], 6, (camera, site) =>
        site === 'b' ? Number(camera.slice(2)) < 4 : random.next() < options.background,
      );
      if (judgeCohort('b-0', members, options).scope === 'group') found += 1;
    }
    expect(found / 500).toBeGreaterThan(0.95);
  });

  it('does not depend on the order of the members', () => {
    const member = fc.record({
      site: fc.constantFrom('a', 'b', 'c'),
      model: fc.constantFrom('x', 'y'),
      alarmed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(member, { minLength: 2, maxLength: 25 }), fc.nat(), (rows, turn) => {
        const members = rows.map(({ site, model, alarmed }, i) => ({
          camera: `c${i}`,
          device: `d${i >> 1}`,
          groups: [site],
          model,
          alarmed: alarmed || i === 0,
        }));
        const at = turn % members.length;
        const turned = [...members.slice(at), ...members.slice(0, at)];
        expect(judgeCohort('c0', turned, options)).toEqual(judgeCohort('c0', members, options));
      }),
      { seed: 6 },
    );
  });
});
