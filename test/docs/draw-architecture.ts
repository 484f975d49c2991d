/** Draws docs/pictures/architecture.svg from the imports: npm run docs:map */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, readProject } from '../architecture/project.ts';
import { readTable } from '../architecture/table.ts';
import { drawMap, panelsOf } from './architecture-map.ts';

const path = join(projectRoot, 'docs/pictures/architecture.svg');
writeFileSync(path, drawMap(panelsOf(readProject(), readTable())));
