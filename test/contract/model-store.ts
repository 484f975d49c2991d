import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ModelStore } from '../../src/agent/index.ts';
import { CancelledError, GoshawkError, InputError } from '../../src/base/index.ts';
import type { DesiredModel } from '../../src/protocol/index.ts';
import { suite } from './suite.ts';

/** A device's disk and a place with models. */
export interface ModelPlace {
  /** A store on this disk, as a new process makes it. */
  store(): ModelStore;
  /** Models that can be fetched; the first takes more than one piece. */
  readonly models: readonly [DesiredModel, DesiredModel];
  /** From now on the place gives other bytes than those that were promised, or the right ones again. */
  falsify(yes: boolean): void;
  close(): Promise<void>;
}

/** What the agent's deployer expects of any store of models. */
export function describeModelStore(name: string, make: () => Promise<ModelPlace>, missing?: string): void {
  suite(`A device's models: ${name}`, missing, () => {
    let place: ModelPlace;
    let store: ModelStore;
    let model: DesiredModel;
    let other: DesiredModel;

    beforeEach(async () => {
      place = await make();
      store = place.store();
      [model, other] = place.models;
    });
    afterEach(() => place.close());

    const download = (wanted: DesiredModel, abort = new AbortController()) =>
      store.download(wanted, () => {}, abort.signal);
    async function fetched(wanted: DesiredModel) {
      await download(wanted);
      return store.verify(wanted.digest);
    }

    it('has nothing at first', async () => {
      expect(await store.find(model.digest)).toBeUndefined();
    });

    it('has a model once it was fetched and verified, not before, and after a restart too', async () => {
      await download(model);
      expect(await store.find(model.digest)).toBeUndefined();
      const bundle = await store.verify(model.digest);
      expect(bundle).toMatchObject({
        digest: model.digest,
        manifest: { name: model.name, version: model.version },
      });
      expect(await store.find(model.digest)).toEqual(bundle);
      expect(await place.store().find(model.digest)).toEqual(bundle);
      expect(await store.find(other.digest)).toBeUndefined();
    });

    it('verifies after a restart what was fetched before it', async () => {
      await download(model);
      store = place.store();
      expect(await store.verify(model.digest)).toMatchObject({ digest: model.digest });
    });

    it('fetches and verifies a second time without complaint', async () => {
      const bundle = await fetched(model);
      expect(await fetched(model)).toEqual(bundle);
      await download(other);
      await download(other);
      expect(await store.verify(other.digest)).toMatchObject({ digest: other.digest });
    });

    it('tells how far it is, never back, up to all', async () => {
      const told: (number | undefined)[] = [];
      await store.download(model, (done) => told.push(done), new AbortController().signal);
      const known = told.flatMap((done) => done ?? []);
      expect(known.length).toBeGreaterThan(1);
      expect(known).toEqual([...known].sort((a, b) => a - b));
      expect(known.at(0)).toBeGreaterThanOrEqual(0);
      expect(known.at(-1)).toBe(1);
    });

    it('ends a download that is not wanted any more, and fetches the model the next time', async () => {
      const abort = new AbortController();
      const stopped = store.download(model, () => abort.abort(), abort.signal);
      await expect(stopped).rejects.toBeInstanceOf(CancelledError);
      await expect(store.verify(model.digest)).rejects.toBeInstanceOf(GoshawkError);
      store = place.store();
      expect(await fetched(model)).toMatchObject({ digest: model.digest });
    });

    it('starts none that is not wanted before it began', async () => {
      const abort = new AbortController();
      abort.abort();
      await expect(download(model, abort)).rejects.toBeInstanceOf(CancelledError);
      expect(await store.find(model.digest)).toBeUndefined();
    });

    it('refuses bytes with another digest, says that a retry cannot help, and takes the right ones later', async () => {
      place.falsify(true);
      const refusal = await fetched(model).catch((error: unknown) => error);
      // An InputError is not tried again: the same bytes would come.
      expect(refusal).toBeInstanceOf(InputError);
      expect(await store.find(model.digest)).toBeUndefined();
      place.falsify(false);
      expect(await fetched(model)).toMatchObject({ digest: model.digest });
    });

    it('verifies nothing that was never fetched', async () => {
      await expect(store.verify(model.digest)).rejects.toBeInstanceOf(GoshawkError);
    });

    it('keeps the named models and deletes all others, partly fetched ones too', async () => {
      await fetched(model);
      await fetched(other);
      await store.keepOnly([other.digest, `sha256:${'f'.repeat(64)}`]);
      expect(await store.find(model.digest)).toBeUndefined();
      expect(await store.find(other.digest)).toMatchObject({ digest: other.digest });
      await download(model);
      await store.keepOnly([other.digest]);
      await expect(store.verify(model.digest)).rejects.toBeInstanceOf(GoshawkError);
      expect(await fetched(model)).toMatchObject({ digest: model.digest });
    });
  });
}
