import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readServiceEnvironment } from '../../../../device/systemd/environment.ts';
import { SystemdService } from '../../../../device/systemd/service.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

describe('A service under systemd', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function create(watchdogMs?: number) {
    const told: string[] = [];
    const log = new RecordingLog();
    const state = { healthy: true, deaf: false };
    const service = new SystemdService(
      {
        log,
        isHealthy: () => state.healthy,
        notify: async (text) => {
          if (state.deaf) throw new Error('nobody listens');
          told.push(text);
        },
      },
      watchdogMs,
    );
    return { service, told, log, state };
  }

  it('tells that it is ready with one line of status', async () => {
    const { service, told } = create();
    service.ready('cam-7 runs\nREADY=0');
    await service.settled();
    expect(told).toEqual(['READY=1\nSTATUS=cam-7 runs READY=0']);
  });

  it('gives a sign of life twice in the watchdog’s time once it is ready, and none on its way out', async () => {
    const { service, told } = create(30_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual([]);
    service.ready('runs');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(told.slice(1)).toEqual(['WATCHDOG=1', 'WATCHDOG=1']);
    service.stopping();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told.slice(3)).toEqual(['STOPPING=1']);
  });

  it('gives no sign of life while it is not healthy, and says so', async () => {
    const { service, told, log, state } = create(10_000);
    service.ready('runs');
    state.healthy = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).toHaveLength(1);
    expect(log.at('error')).toHaveLength(2);
    state.healthy = true;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told.slice(1)).toEqual(['WATCHDOG=1']);
  });

  it('goes on where the manager does not listen, and complains once', async () => {
    const { service, told, log, state } = create(10_000);
    state.deaf = true;
    service.ready('runs');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(log.at('warn')).toHaveLength(1);
    state.deaf = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toEqual(['WATCHDOG=1']);
  });
});

describe('The environment of a service', () => {
  it('names the socket and the watchdog’s time', () => {
    const environment = {
      NOTIFY_SOCKET: '/run/systemd/notify',
      WATCHDOG_USEC: '30000000',
      WATCHDOG_PID: '77',
    };
    expect(readServiceEnvironment(environment, 77)).toEqual({
      socket: '/run/systemd/notify',
      watchdogMs: 30_000,
    });
  });

  it('has no watchdog for another process, and none where its time is no number', () => {
    const socket = '@notify';
    expect(
      readServiceEnvironment({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '5', WATCHDOG_PID: '1' }, 77),
    ).toEqual({ socket });
    expect(readServiceEnvironment({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: 'soon' }, 77)).toEqual({ socket });
  });

  it('names nobody where no service manager waits', () => {
    expect(readServiceEnvironment({}, 77)).toBeUndefined();
    expect(readServiceEnvironment({ NOTIFY_SOCKET: 'vsock:2:1' }, 77)).toBeUndefined();
  });
});
