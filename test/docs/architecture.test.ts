import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot, readProject } from '../architecture/project.ts';
import { readTable } from '../architecture/table.ts';
import { drawMap, panelsOf } from './architecture-map.ts';

/** Rooms and arrows of a drawn map; how many lines a room has may be older than the code. */
function drawn(svg: string): { rooms: string[]; arrows: string[] } {
  return {
    rooms: [...svg.matchAll(/data-room="([^"]+)"/g)].map(([, room = '']) => room).sort(),
    arrows: [...svg.matchAll(/data-from="([^"]+)" data-to="([^"]+)"/g)]
      .map(([, from, to]) => `${from} -> ${to}`)
      .sort(),
  };
}

describe('docs/pictures/architecture.svg', () => {
  const now = drawn(drawMap(panelsOf(readProject(), readTable())));

  it('has every room and every arrow of the code, and no other; `npm run docs:map` draws it again', () => {
    expect(now.arrows.length).toBeGreaterThan(50);
    expect(drawn(readFileSync(join(projectRoot, 'docs/pictures/architecture.svg'), 'utf8'))).toEqual(now);
  });

  it('is shown in docs/architecture.md', () => {
    const page = readFileSync(join(projectRoot, 'docs/architecture.md'), 'utf8');
    expect(page).toContain('](pictures/architecture.svg)');
  });
});
