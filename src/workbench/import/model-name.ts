import { basename } from 'node:path';

/** `YOLOX_Nano v2.onnx` -> `yolox_nano-v2` */
export function modelNameOf(file: string): string {
  const name = basename(file)
    .replace(/\.onnx$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64);
  return name === '' ? 'model' : name;
}
