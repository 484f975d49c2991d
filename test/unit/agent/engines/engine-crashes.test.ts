import { describe, expect, it } from 'vitest';
import {
  type CrashNotes,
  engineCrashEvent,
  lostMark,
  type NotedCrashes,
  watchForCrashes,
} from '../../../../src/agent/index.ts';

const week = 7 * 24 * 3600 * 1000;
const timeMs = 1e12;

class Notes implements CrashNotes {
  readonly calls: string[] = [];
  readonly #noted: NotedCrashes | undefined;

  constructor(noted: Partial<NotedCrashes> | undefined) {
    this.#noted = noted && { timeMs, crashes: [], builtMs: {}, ...noted };
  }

  read(): NotedCrashes | undefined {
    return this.#noted;
  }

  clear(): void {
    this.calls.push('clear');
  }

  begin(): void {
    this.calls.push('begin');
  }

  noteLost(engine: string): void {
    this.calls.push(`lost ${engine}`);
  }
}

const crashes = [
  { engine: 'tensorrt', signal: 'SIGSEGV' },
  { engine: 'onnxruntime', signal: 'SIGILL' },
  { engine: 'tensorrt', signal: 'SIGABRT' },
] as const;

describe('Engines that crashed', () => {
  it('are named with their last signal and how often, and the next one is noted', () => {
    const notes = new Notes({ crashes });
    expect(watchForCrashes(notes, timeMs + week)).toEqual([
      { engine: 'tensorrt', signal: 'SIGABRT', times: 2 },
      { engine: 'onnxruntime', signal: 'SIGILL', times: 1 },
    ]);
    expect(notes.calls).toEqual(['begin']);
  });

  it('are forgotten after a week', () => {
    const notes = new Notes({ crashes });
    expect(watchForCrashes(notes, timeMs + week + 1)).toEqual([]);
    expect(notes.calls).toEqual(['clear', 'begin']);
  });

  it('get another try when their plugin was built again', () => {
    const builtMs = { tensorrt: timeMs + 1, onnxruntime: timeMs };
    expect(watchForCrashes(new Notes({ crashes, builtMs }), timeMs).map(({ engine }) => engine)).toEqual([
      'onnxruntime',
    ]);
  });

  it('are passed over for a lost device only when it was lost three times, and at once when they crashed too', () => {
    const lost = { engine: 'tensorrt', signal: lostMark } as const;
    const standing = (...noted: NotedCrashes['crashes']) =>
      watchForCrashes(new Notes({ crashes: noted }), timeMs);
    expect(standing(lost)).toEqual([]);
    expect(standing(lost, lost)).toEqual([]);
    expect(standing(lost, { engine: 'onnxruntime', signal: lostMark }, lost)).toEqual([]);
    expect(standing(lost, lost, lost)).toEqual([{ engine: 'tensorrt', signal: lostMark, times: 3 }]);
    expect(standing(crashes[0], lost)).toEqual([{ engine: 'tensorrt', signal: lostMark, times: 2 }]);
    expect(engineCrashEvent({ engine: 'tensorrt', signal: lostMark, times: 3 }).message).toContain(
      'The engine tensorrt lost its device (3 times); this device runs on another one',
    );
  });

  it('are none where nothing is noted', () => {
    const notes = new Notes(undefined);
    expect(watchForCrashes(notes, timeMs)).toEqual([]);
    expect(notes.calls).toEqual(['begin']);
  });

  it('are told to the fleet, with how often where it was more than once', () => {
    const event = engineCrashEvent({ engine: 'tensorrt', signal: 'SIGABRT', times: 2 });
    expect(event).toMatchObject({ kind: 'engine.crashed', severity: 'error' });
    expect(event.message).toContain('The engine tensorrt crashed (SIGABRT, 2 times); this device runs on');
    expect(engineCrashEvent({ engine: 'tensorrt', signal: 'SIGABRT', times: 1 }).message).toContain(
      '(SIGABRT);',
    );
  });
});
