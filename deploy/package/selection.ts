/* Which files of the project and of npm's packages go into a package. Paths are relative, with slashes. */

const developmentFolders =
  /^(test|tests|__tests__|docs?|examples?|integration|bench|benchmarks?|coverage|scripts?|tools|\.[^/]+)\//;
const developmentFiles =
  /(\.([cm]?ts|map|md|markdown|tsbuildinfo|c|cc|cpp|h|hpp|gyp|gypi|patch|ya?ml|sh|py|html)|(^|\/)\.[^/]+)$/i;
const legalFiles = /(^|\/)(licen[cs]e|copying|notice)[^/]*$/i;

/** Headers by which addons are compiled on the board. */
const headers: Readonly<Record<string, RegExp>> = {
  'node-addon-api': /^napi[^/]*\.h$/,
  'node-api-headers': /^include\/[^/]+\.h$/,
};

/** Whether a file of an npm package is needed to run it, or to compile against it, on this processor. `path` is inside the package. */
export function isRuntimeFile(name: string, path: string, cpu: 'x64' | 'arm64'): boolean {
  if (legalFiles.test(path)) return true;
  const header = headers[name];
  if (header !== undefined) return path === 'package.json' || header.test(path);
  if (developmentFolders.test(path) || developmentFiles.test(path)) return false;
  const prebuilt = /^prebuilds\/([^/]+)\//.exec(path);
  if (prebuilt !== null) return prebuilt[1] === `linux-${cpu}` && !path.includes('musl');
  if (name === 'onnxruntime-node') {
    if (path.startsWith('script/')) return false;
    if (path.startsWith('bin/')) return path.includes(`/linux/${cpu}/`);
  }
  return true;
}

/** Of the built project: no maps, which hold the sources of the page. */
export function isBuiltFile(path: string): boolean {
  return !path.endsWith('.map') && path !== '.built';
}

/** Of a model: what its bundle names, which is checked when it is read, its card and its profiles; not how it was trained. */
export function isModelFile(path: string, named: ReadonlySet<string> = new Set()): boolean {
  return (
    named.has(path) ||
    /(^|\/)(manifest\.json|labels\.txt|README\.md|[^/]+\.onnx)$|^(profiles|golden)\//.test(path)
  );
}
