import { resolve } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('The bundle of the page has the paths of the API in it, and none of its schemas', async () => {
  const { metafile } = await build({
    entryPoints: [resolve(import.meta.dirname, '../../../src/dashboard/main.tsx')],
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
  const [output] = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const files = inputs.map(([file]) => file);
  expect(files.filter((file) => file.endsWith('src/api/path.ts'))).toHaveLength(1);
  expect(files.filter((file) => file.includes('typebox'))).toEqual([]);
});
