import { join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '..', '..');
export const work = join(projectRoot, 'build', 'test-image');
