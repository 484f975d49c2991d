import { expect, it } from 'vitest';
import { checkDriftZones } from '../../../../src/controller/desired/drift-zones.ts';
import { knownRules } from '../../../../src/controller/desired/known-rules.ts';
import { checkCameras, checkPipelines } from '../../../../src/controller/desired/pipeline-check.ts';

const street = { subject: 'd1', labels: ['car', 'person', 'bus'] };
const farm = { subject: 'd2', labels: ['cow', 'person'] };

it.each([
  ['a class that a model has', [street], ['car'], undefined],
  ['an empty list', [street], [], undefined],
  ['a model that nobody knows', [], ['nonsense'], undefined],
  ['a class of one of two models, beside one of both', [street, farm], ['car', 'person'], undefined],
  ['a class that no model has', [street], ['car', 'nonsense'], /d1 has no class nonsense.*car, person, bus/s],
  ['classes that leave one device blind', [street, farm], ['car'], /d2 has no class car.*cow, person/s],
])('Settings with %s', (_, known, classes, refusal) => {
  const check = () => checkPipelines({ front: { classes } }, known);
  if (refusal === undefined) expect(check).not.toThrow();
  else
    try {
      check();
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'class-unknown' });
      expect((error as { explain(): string }).explain()).toMatch(refusal);
    }
});

it('Zones and lines that are none, or count what no model has, are refused', () => {
  const points = [
    [0, 0],
    [1, 0],
    [1, 1],
  ] satisfies [number, number][];
  const check = (zone: object, known = [street]) =>
    checkPipelines({ front: { rules: { zones: { gate: { points, ...zone } } } } }, known);
  expect(() => check({ classes: ['car'] })).not.toThrow();
  expect(() => check({ classes: ['nonsense'] })).toThrow(/d1 has no class nonsense/);
  expect(() => check({ classes: ['nonsense'] }, [])).not.toThrow();
  expect(() => check({ points: points.slice(1) }, [])).toThrow(/"gate" has 2 points/);
});

const front = { id: 'd1', cameras: ['front'] };
it.each([
  ['a camera that is there', [front], {}, undefined],
  ['all cameras', [front], {}, undefined, '*'],
  ['one that had settings before', [front], { fron: {} }, undefined, 'fron'],
  ['one that nobody has', [front], {}, 'd1 has no camera fron. There is front; * means all.', 'fron'],
  ['one that one of them has', [front, { id: 'd2', cameras: ['rear'] }], {}, undefined, 'rear'],
  [
    'one that none of them has',
    [front, { id: 'd2', cameras: ['rear'] }],
    {},
    'No device of the group has a camera fron. There are front, rear; * means all.',
    'fron',
  ],
  ['one of a device that never said', [front, { id: 'd2', cameras: undefined }], {}, undefined, 'fron'],
  ['one of an empty group', [], {}, undefined, 'fron'],
])('Settings of %s', (_, devices, before, refusal, camera = 'front') => {
  const check = () => checkCameras({ [camera]: { enabled: false } }, before, devices);
  if (refusal === undefined) expect(check).not.toThrow();
  else
    try {
      check();
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'camera-unknown' });
      expect((error as { explain(): string }).explain()).toBe(refusal);
    }
});

const corners = [
  [0, 0],
  [1, 0],
  [1, 1],
] satisfies [number, number][];
const reported = (zones: Readonly<Record<string, readonly string[]>> | undefined) => ({
  rules:
    zones &&
    new Map(
      Object.entries(zones).map(([camera, names]) => [
        camera,
        { zones: Object.fromEntries(names.map((name) => [name, { points: corners }])) },
      ]),
    ),
});
it.each([
  ['a zone that the camera has', 'front', [reported({ front: ['gate'] })], undefined],
  [
    'a zone that another camera has',
    'front',
    [reported({ front: ['yard', 'door'], rear: ['gate'] })],
    'Drift of front names the zone gate, which the camera does not have. There are door, yard.',
  ],
  ['a zone that one of all cameras has', '*', [reported({ front: [], rear: ['gate'] })], undefined],
  [
    'a zone that one device of a group has',
    'front',
    [reported({ front: [] }), reported({ front: ['gate'] })],
    undefined,
  ],
  [
    'a zone of cameras without one',
    '*',
    [reported({ front: [] })],
    'Drift of all cameras names the zone gate, which none of them has. Draw it first, or leave the zone out of `within` and `outside`.',
  ],
  ['a zone of a device that never said', 'front', [reported({ front: [] }), reported(undefined)], undefined],
])('Drift that names %s', (_, camera, devices, refusal) => {
  for (const drift of [{ within: ['gate'] }, { outside: ['gate'] }]) {
    const check = () => checkDriftZones({ [camera]: { drift } }, devices);
    if (refusal === undefined) expect(check).not.toThrow();
    else
      try {
        check();
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code: 'drift-zone-unknown' });
        expect((error as { explain(): string }).explain()).toBe(refusal);
      }
  }
});

it('Zones are those that the fleet wants, or else those that the device reported', () => {
  const rules = (name: string) => ({ rules: { zones: { [name]: { points: corners } } } });
  const on = { enabled: true, scoreThreshold: 0.5, iouThreshold: 0.5, maxDetections: 10, classes: [] };
  const told = { pipelines: { front: { ...on, ...rules('old') }, rear: { ...on, ...rules('old') } } };
  const zonesOf = (pipelines: NonNullable<Parameters<typeof knownRules>[0]['pipelines']>, camera: string) =>
    Object.keys(knownRules({ pipelines }, told)?.get(camera)?.zones ?? {});
  expect(zonesOf({}, 'front')).toEqual(['old']);
  expect(zonesOf({ front: rules('new') }, 'front')).toEqual(['new']);
  expect(zonesOf({ '*': rules('all'), front: rules('new') }, 'front')).toEqual(['new']);
  expect(zonesOf({ '*': rules('all'), front: rules('new') }, 'rear')).toEqual(['all']);
  expect(zonesOf({ front: { rules: {} } }, 'front')).toEqual([]);
  expect(knownRules({}, undefined)).toBeUndefined();
});
