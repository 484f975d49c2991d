/** Who builds engines: the supervisor of one slot. */
export interface EngineBuilder {
  /** Ends its background build. Resolves when nothing of it is left; a better engine that is being watched is waited for. */
  giveWay(): Promise<void>;
  /** There may be room now. */
  onRoom(): void;
}

/**
 * Memory for building engines, which all slots share: a board has it once.
 *
 * INVARIANTS
 * - At most one background build is under way.
 * - None is under way, or begins, while a deployment of any slot opens its engine and is watched: it ends, and begins anew.
 */
export class BuildArbiter {
  readonly #builders = new Set<EngineBuilder>();
  readonly #deploying = new Set<EngineBuilder>();
  /** Had no room, or gave theirs up. */
  readonly #waiting = new Set<EngineBuilder>();
  #building: EngineBuilder | undefined;

  join(builder: EngineBuilder): void {
    this.#builders.add(builder);
  }

  /** Nothing more comes of it. */
  leave(builder: EngineBuilder): void {
    this.#builders.delete(builder);
    this.#deploying.delete(builder);
    this.#waiting.delete(builder);
    if (this.#building === builder) this.#building = undefined;
    this.#wake();
  }

  /** A deployment begins to open its engine. Resolves when no other slot builds. */
  async deploy(builder: EngineBuilder): Promise<void> {
    this.#deploying.add(builder);
    if (this.#building !== undefined) this.#waiting.add(this.#building);
    const others = [...this.#builders].filter((other) => other !== builder);
    await Promise.all(others.map((other) => other.giveWay()));
  }

  /** It has ended, one way or the other. */
  settled(builder: EngineBuilder): void {
    if (this.#deploying.delete(builder)) this.#wake();
  }

  /** Takes the room for a background build, or says that there is none; `onRoom` comes then. */
  take(builder: EngineBuilder): boolean {
    if (this.#deploying.size > 0 || this.#building !== undefined) {
      this.#waiting.add(builder);
      return false;
    }
    this.#building = builder;
    return true;
  }

  give(builder: EngineBuilder): void {
    if (this.#building !== builder) return;
    this.#building = undefined;
    this.#wake();
  }

  #wake(): void {
    // Whoever finds none again waits again.
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const builder of waiting) builder.onRoom();
  }
}
