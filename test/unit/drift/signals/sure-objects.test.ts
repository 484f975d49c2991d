import { describe, expect, it } from 'vitest';
import { SureObjects } from '../../../../src/drift/signals/sure-objects.ts';

describe('Sure objects', () => {
  it('counts a track once, when it has lasted two seconds, under the class that it had most', () => {
    const objects = new SureObjects();
    const labels = ['truck', 'car', 'car', 'truck', 'car', 'car', 'car'];
    for (let i = 0; i <= 20; i++) objects.see(1, labels[i % labels.length]!, 0.8, i * 200);
    expect([...objects.tick(4000)]).toEqual([['car', 1]]);
    objects.see(1, 'car', 0.8, 4200);
    expect([...objects.tick(4200)]).toEqual([]);
  });

  it('does not count what was seen briefly or was rarely sure', () => {
    const objects = new SureObjects();
    for (let i = 0; i <= 5; i++) objects.see(1, 'car', 0.9, i * 200);
    for (let i = 0; i <= 20; i++) objects.see(2, 'car', i % 3 === 0 ? 0.9 : 0.3, i * 200);
    for (let i = 0; i <= 20; i++) objects.see(3, 'car', Number.NaN, i * 200);
    expect([...objects.tick(4000)]).toEqual([]);
  });

  it('forgets a track that is gone, and holds at most 1024', () => {
    const objects = new SureObjects();
    for (let id = 0; id < 2000; id++) objects.see(id, 'car', 0.9, 0);
    for (let id = 0; id < 2000; id++) objects.see(id, 'car', 0.9, 2000);
    expect(objects.tick(2000).get('car')).toBe(1024);
    objects.tick(6000);
    for (let id = 3000; id < 3010; id++) objects.see(id, 'car', 0.9, 6000);
    for (let id = 3000; id < 3010; id++) objects.see(id, 'car', 0.9, 8000);
    expect(objects.tick(8000).get('car')).toBe(10);
  });
});
