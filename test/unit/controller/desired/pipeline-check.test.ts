import { expect, it } from 'vitest';
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
