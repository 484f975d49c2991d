import { readFileSync } from 'node:fs';
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
