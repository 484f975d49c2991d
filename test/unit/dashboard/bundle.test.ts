import { type BuildOptions, build } from 'esbuild';
import { expect, it } from 'vitest';

it('The bundle of the page has the paths of the API in it, none of its schemas, and no map', async () => {
  const program = new URL('../../../deploy/checkout/build.mjs', import.meta.url).href;
  const { pageBundle } = (await import(program)) as { readonly pageBundle: BuildOptions };
  const { metafile } = await build({
    ...pageBundle,
    outdir: 'unused',
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs).filter(({ entryPoint }) =>
    entryPoint?.endsWith('main.tsx'),
  );
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const files = inputs.map(([file]) => file);
  expect(files.filter((file) => file.endsWith('src/api/path.ts'))).toHaveLength(1);
  const scripts = Object.values(metafile.outputs).flatMap(({ inputs: of }) => Object.keys(of));
  expect(scripts.filter((file) => file.includes('typebox'))).toEqual([]);
  expect(scripts.filter((file) => file.endsWith('leaflet-src.js'))).toHaveLength(1);
  expect(files.filter((file) => /leaflet|world-atlas/.test(file))).toEqual([]);
});
