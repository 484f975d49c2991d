/** Rejects in the loader's words where the package does not load. */
export async function onnxruntimeVersion(): Promise<string> {
  const { env } = await import('onnxruntime-node');
  return env.versions.node ?? env.versions.common;
}
