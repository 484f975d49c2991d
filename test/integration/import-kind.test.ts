import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { goshawk, jsonLines, projectRoot } from './goshawk.ts';

it('Import calls a foreign INT8 network what it is, so that no engine takes it for a float one', async () => {
  const out = join(temporaryFolder(), 'bundle');
  const { code, stdout, stderr } = await goshawk(
    ...['model', 'import', 'models/street-int8/qdq-u8.onnx', '--decoder', 'yolov5', '--json'],
    ...['--labels', join(projectRoot, 'models/street/labels.txt'), '--out', out],
  );
  expect(code, stderr).toBe(0);
  expect(jsonLines(stdout)).toMatchObject([{ ok: true, kind: 'qdq-u8' }]);
  const { variants } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as {
    variants: unknown[];
  };
  expect(variants).toMatchObject([{ kind: 'qdq-u8', file: { path: 'qdq-u8.onnx' } }]);
});

it('Import makes a second file in half precision, which TensorRT runs, unless it is told not to', async () => {
  const folder = temporaryFolder();
  const importStreet = async (name: string, ...more: string[]) => {
    const { code, stdout, stderr } = await goshawk(
      ...['model', 'import', 'models/street/street.onnx', '--decoder', 'yolov5', '--json', ...more],
      ...['--labels', join(projectRoot, 'models/street/labels.txt'), '--out', join(folder, name)],
    );
    expect(code, stderr).toBe(0);
    return jsonLines(stdout)[0];
  };
  expect(await importStreet('both')).toMatchObject({ kind: 'fp32', kinds: ['fp32', 'fp16'] });
  expect(await importStreet('one', '--no-fp16')).toMatchObject({ kinds: ['fp32'] });
  const half = statSync(join(folder, 'both/fp16.onnx')).size;
  expect(half).toBeLessThan(statSync(join(folder, 'both/fp32.onnx')).size * 0.6);
});
