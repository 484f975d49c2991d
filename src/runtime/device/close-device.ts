interface Closable {
  close(): Promise<void>;
}

/** Of a device; what a start that failed did not come to is not there. */
export interface DeviceParts {
  readonly agent?: (Closable & { deliverEvents(withinMs: number): Promise<boolean> }) | undefined;
  /** Where there is no agent yet that they belong to. */
  readonly detectors?: readonly Closable[];
  readonly pipeline?: Closable | undefined;
  /** Before the pipeline, and after it, in their order. */
  readonly before: readonly (Closable | undefined)[];
  readonly after: readonly (Closable | undefined)[];
}

/** The controller commits and acknowledges every second; what it does not take in this time goes out with the next start. */
const lastEventsMs = 3_000;

/**
 * Ends a device the other way round than it was started. What the fleet should still hear is waited for while the cameras run: an
 * upgrade is felt as long as their pictures are missing.
 */
export async function closeDevice({
  agent,
  detectors = [],
  pipeline,
  before,
  after,
}: DeviceParts): Promise<void> {
  const listens = (await agent?.deliverEvents(lastEventsMs)) ?? false;
  for (const part of before) await part?.close();
  await pipeline?.close();
  for (const part of after) await part?.close();
  // What the end itself had to say; a fleet that did not listen before is not waited for again.
  if (listens) await agent?.deliverEvents(lastEventsMs);
  // The detectors that serve by then belong to the agent.
  for (const part of agent === undefined ? detectors : [agent]) await part.close();
}
