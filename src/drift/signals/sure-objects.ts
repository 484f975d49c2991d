interface Sighting {
  readonly sinceMs: number;
  lastMs: number;
  frames: number;
  sure: number;
  /** Most frequent class so far, by the majority vote of Boyer and Moore. */
  label: string;
  votes: number;
  counted: boolean;
}

const maxTracks = 1024;
/** A track that is younger is often a piece of another one: pieces are no objects of their own. */
const provenMs = 2000;
/** Score of a sure frame; half of a track's frames must be. */
const sureScore = 0.5;
const overMs = 3000;

/**
 * Every object once, when its track has lasted and was mostly sure: what is left when pieces of broken tracks are taken
 * out is nearly independent, and says twice as much about the mix of classes as every new track does. Fixed memory.
 */
export class SureObjects {
  readonly #tracks = new Map<number, Sighting>();
  #counts = new Map<string, number>();

  see(trackId: number, label: string, score: number, atMs: number): void {
    let track = this.#tracks.get(trackId);
    if (track === undefined) {
      if (this.#tracks.size >= maxTracks) return;
      track = { sinceMs: atMs, lastMs: atMs, frames: 0, sure: 0, label, votes: 0, counted: false };
      this.#tracks.set(trackId, track);
    }
    track.lastMs = atMs;
    if (track.counted) return;
    track.frames++;
    if (score >= sureScore) track.sure++;
    if (track.votes === 0) track.label = label;
    track.votes += track.label === label ? 1 : -1;
    if (atMs - track.sinceMs < provenMs || 2 * track.sure < track.frames) return;
    track.counted = true;
    this.#counts.set(track.label, (this.#counts.get(track.label) ?? 0) + 1);
  }

  /** New objects by class since the last call. */
  tick(atMs: number): ReadonlyMap<string, number> {
    for (const [id, { lastMs }] of this.#tracks) if (atMs - lastMs > overMs) this.#tracks.delete(id);
    const counts = this.#counts;
    this.#counts = new Map();
    return counts;
  }

  reset(): void {
    this.#tracks.clear();
    this.#counts = new Map();
  }
}
