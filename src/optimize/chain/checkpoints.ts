/** Port: what a stopped run has found so far. Names are file names; a write is whole or not there. */
export interface Checkpoints {
  readText(name: string): Promise<string | undefined>;
  writeText(name: string, text: string): Promise<void>;
  readBytes(name: string): Promise<Uint8Array | undefined>;
  writeBytes(name: string, bytes: Uint8Array): Promise<void>;
}

/** Stores nothing: every run starts from the beginning. */
export const noCheckpoints: Checkpoints = {
  readText: async () => undefined,
  writeText: async () => {},
  readBytes: async () => undefined,
  writeBytes: async () => {},
};

/** The value of an earlier run, or a new one that is kept. Values are JSON. */
export async function remember<Value>(
  store: Checkpoints,
  name: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const known = await recall<Value>(store, name);
  if (known !== undefined) return known;
  const made = await make();
  await keep(store, name, made);
  return made;
}

export async function recall<Value>(store: Checkpoints, name: string): Promise<Value | undefined> {
  const text = await store.readText(`${name}.json`);
  return text === undefined ? undefined : (JSON.parse(text) as Value);
}

export async function keep(store: Checkpoints, name: string, value: unknown): Promise<void> {
  await store.writeText(`${name}.json`, JSON.stringify(value));
}
