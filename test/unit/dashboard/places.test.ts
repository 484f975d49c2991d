import { describe, expect, it } from 'vitest';
import { onPlan } from '../../../src/dashboard/map/pins.ts';
import { geoPlaceOf, labelsOfPlace, planPlaceOf } from '../../../src/dashboard/map/places.ts';

describe('geoPlaceOf', () => {
  it.each([
    [
      { latitude: '52.52', longitude: '13.405' },
      { latitude: 52.52, longitude: 13.405 },
    ],
    [
      { latitude: '-33.9', longitude: '+151.2' },
      { latitude: -33.9, longitude: 151.2 },
    ],
    [
      { latitude: '90', longitude: '-180' },
      { latitude: 90, longitude: -180 },
    ],
    [{ latitude: '90.1', longitude: '0' }, undefined],
    [{ latitude: '52.52' }, undefined],
    [{ latitude: 'north', longitude: '13' }, undefined],
    [{ latitude: '1e1', longitude: '13' }, undefined],
    [{ latitude: '', longitude: '13' }, undefined],
    [undefined, undefined],
  ])('reads %j as %j', (labels, place) => {
    expect(geoPlaceOf(labels)).toEqual(place);
  });
});

describe('planPlaceOf', () => {
  it.each([
    [
      { 'plan-x': '0.25', 'plan-y': '1' },
      { x: 0.25, y: 1 },
    ],
    [{ 'plan-x': '1.01', 'plan-y': '1' }, undefined],
    [{ 'plan-x': '-0.1', 'plan-y': '1' }, undefined],
    [{ 'plan-x': '0.5' }, undefined],
  ])('reads %j as %j', (labels, place) => {
    expect(planPlaceOf(labels)).toEqual(place);
  });

  it('reads what labelsOfPlace wrote, which stays on the plan', () => {
    const labels = labelsOfPlace({ x: 1.2, y: 1 / 3 });
    expect(labels).toEqual({ 'plan-x': '1', 'plan-y': '0.3333' });
    expect(planPlaceOf(labels)).toEqual({ x: 1, y: 0.3333 });
  });
});

describe('onPlan', () => {
  it('has the devices of the site alone, and names those without a place', () => {
    const device = (id: string) => ({ id, online: false, health: { state: 'ok' } }) as never;
    const labels = new Map([
      ['a', { site: 'west', 'plan-x': '0.5', 'plan-y': '0.5' }],
      ['b', { site: 'west' }],
      ['c', { site: 'east', 'plan-x': '0.5', 'plan-y': '0.5' }],
    ]);
    expect(onPlan([device('a'), device('b'), device('c'), device('d')], labels, 'west')).toEqual({
      placed: [{ id: 'a', tone: 'idle', words: 'a: Offline', place: { x: 0.5, y: 0.5 } }],
      others: ['b'],
    });
  });
});
