import { describe, expect, it } from 'vitest';
import { TrackedObjects } from '../../../../src/drift/signals/tracked-objects.ts';

describe('Tracked objects', () => {
  it('counts a track once, when it has lasted two seconds, under the class that it had most', () => {
    const objects = new TrackedObjects();
    const labels = ['truck', 'car', 'car', 'truck', 'car', 'car', 'car'];
    for (let i = 0; i <= 20; i++) objects.see(1, labels[i % labels.length]!, 0.8, i * 200);
    expect([...objects.tick(4000).classes]).toEqual([['car', 1]]);
    objects.see(1, 'car', 0.8, 4200);
    expect([...objects.tick(4200).classes]).toEqual([]);
  });

  it('does not count what was seen briefly or was rarely sure', () => {
    const objects = new TrackedObjects();
    for (let i = 0; i <= 5; i++) objects.see(1, 'car', 0.9, i * 200);
    for (let i = 0; i <= 20; i++) objects.see(2, 'car', i % 3 === 0 ? 0.9 : 0.3, i * 200);
    for (let i = 0; i <= 20; i++) objects.see(3, 'car', Number.NaN, i * 200);
    expect([...objects.tick(4000).classes]).toEqual([]);
  });

  it('forgets a track that is gone, and holds at most 1024', () => {
    const objects = new TrackedObjects();
    for (let id = 0; id < 2000; id++) objects.see(id, 'car', 0.9, 0);
    for (let id = 0; id < 2000; id++) objects.see(id, 'car', 0.9, 2000);
    expect(objects.tick(2000).classes.get('car')).toBe(1024);
    objects.tick(6000);
    for (let id = 3000; id < 3010; id++) objects.see(id, 'car', 0.9, 6000);
    for (let id = 3000; id < 3010; id++) objects.see(id, 'car', 0.9, 8000);
    expect(objects.tick(8000).classes.get('car')).toBe(10);
  });

  it('says of every object what its score is above that of its class, after two seconds and then every four', () => {
    const objects = new TrackedObjects();
    for (let i = 0; i <= 20; i++) objects.see(1, 'car', i <= 10 ? 0.3 : 0.6, i * 200, 0.5);
    const { scores } = objects.tick(4000);
    expect(scores.count).toBe(1);
    expect(scores.sum).toBeCloseTo(-0.2, 9);
    for (let i = 21; i <= 30; i++) objects.see(1, 'car', 0.6, i * 200, 0.5);
    const later = objects.tick(6000).scores;
    expect(later.count).toBe(1);
    expect(later.sum).toBeCloseTo(0.1, 9);
    expect(later.squares).toBeCloseTo(0.01, 9);
  });

  it('says nothing of a score that is no number, or of a class without a usual one', () => {
    const objects = new TrackedObjects();
    for (let i = 0; i <= 20; i++) {
      objects.see(1, 'car', Number.NaN, i * 200, 0.5);
      objects.see(2, 'tram', 0.9, i * 200);
    }
    expect(objects.tick(4000).scores).toEqual({ count: 0, sum: 0, squares: 0 });
  });
});
