interface Sighting {
  readonly sinceMs: number;
  lastMs: number;
  frames: number;
  sure: number;
  /** Most frequent class so far, by the majority vote of Boyer and Moore. */
  label: string;
  votes: number;
  counted: boolean;
  /** Of the stretch of its life that is under way. */
  saysAtMs: number;
  scores: number;
  scored: number;
}

/** What the objects of a second had in score above or below the usual score of their class; each counts once. */
export interface ObjectScores {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

/** What tracks say that have lasted. */
export interface SeenObjects {
  /** New objects by class, each once. */
  readonly classes: ReadonlyMap<string, number>;
  readonly scores: ObjectScores;
}

const maxTracks = 1024;
/** A track that is younger is often a piece of another one: pieces are no objects of their own. */
const provenMs = 2000;
/** An object that stays says its score again after this time: what it says is not independent, and need not be. */
const againMs = 4000;
/** Score of a sure frame; half of a track's frames must be. */
const sureScore = 0.5;
const overMs = 3000;

/**
 * Every object once for its class, when its track has lasted and was mostly sure: what is left when pieces of broken tracks
 * are taken out is nearly independent, and says twice as much about the mix of classes as every new track does. For its
 * score sure or not, every few seconds of its life. Fixed memory.
 */
export class TrackedObjects {
  readonly #tracks = new Map<number, Sighting>();
  #classes = new Map<string, number>();
  #count = 0;
  #sum = 0;
  #squares = 0;

  /** `usual`: mean score of its class in the reference, where that is known. */
  see(trackId: number, label: string, score: number, atMs: number, usual?: number): void {
    let track = this.#tracks.get(trackId);
    if (track === undefined) {
      if (this.#tracks.size >= maxTracks) return;
      track = {
        ...{ sinceMs: atMs, lastMs: atMs, frames: 0, sure: 0, label, votes: 0, counted: false },
        ...{ saysAtMs: atMs + provenMs, scores: 0, scored: 0 },
      };
      this.#tracks.set(trackId, track);
    }
    track.lastMs = atMs;
    if (usual !== undefined) this.#score(track, score - usual, atMs);
    if (!track.counted) this.#classify(track, label, score, atMs);
  }

  /** What came since the last call. */
  tick(atMs: number): SeenObjects {
    for (const [id, { lastMs }] of this.#tracks) if (atMs - lastMs > overMs) this.#tracks.delete(id);
    const seen = {
      classes: this.#classes,
      scores: { count: this.#count, sum: this.#sum, squares: this.#squares },
    };
    this.#clear();
    return seen;
  }

  reset(): void {
    this.#tracks.clear();
    this.#clear();
  }

  #clear(): void {
    this.#classes = new Map();
    this.#count = 0;
    this.#sum = 0;
    this.#squares = 0;
  }

  #classify(track: Sighting, label: string, score: number, atMs: number): void {
    track.frames++;
    if (score >= sureScore) track.sure++;
    if (track.votes === 0) track.label = label;
    track.votes += track.label === label ? 1 : -1;
    if (atMs - track.sinceMs < provenMs || 2 * track.sure < track.frames) return;
    track.counted = true;
    this.#classes.set(track.label, (this.#classes.get(track.label) ?? 0) + 1);
  }

  #score(track: Sighting, above: number, atMs: number): void {
    if (!Number.isFinite(above)) return;
    track.scores += above;
    track.scored++;
    if (atMs < track.saysAtMs) return;
    const mean = track.scores / track.scored;
    this.#count++;
    this.#sum += mean;
    this.#squares += mean * mean;
    track.saysAtMs = atMs + againMs;
    track.scores = 0;
    track.scored = 0;
  }
}
