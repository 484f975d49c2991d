import type { FleetEvent } from '../../api/index.ts';
import type { EventBus } from '../event-bus.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { CallSealer } from './call-sealer.ts';

export interface AnsweredCallsPorts {
  readonly sealer: Pick<CallSealer, 'made'>;
  readonly events: Pick<ControllerEvents, 'tell'>;
  readonly bus: EventBus;
}

/** Compares what devices say that they answered with what this controller asked. */
export function compareAnsweredCalls({ sealer, events, bus }: AnsweredCallsPorts): void {
  bus.on('committed', ({ events: told }) => {
    for (const event of told) {
      if (event.kind !== 'calls.answered') continue;
      const unknown = callsIn(event).filter(({ method, id }) => !sealer.made(event.device, method, id));
      if (unknown.length === 0) continue;
      const methods = [...new Set(unknown.map(({ method }) => method))];
      events.tell(event.device, {
        ...{ kind: 'device.calls-unknown', severity: 'error' },
        message: `It answered ${unknown.length} signed ${unknown.length === 1 ? 'call' : 'calls'} (${methods.join(', ')}) that this controller does not know. If its data folder was not lost or replaced since, another program has its online key: rotate it (goshawk keys rotate --role online).`,
        data: { calls: unknown.length, methods },
      });
    }
  });
}

interface AnsweredCall {
  readonly method: string;
  readonly id: string;
}

/** What has another form was not told by an agent of ours: it is no call of ours either. */
function callsIn({ data }: FleetEvent): AnsweredCall[] {
  const calls = (data as { readonly calls?: unknown } | undefined)?.calls;
  if (!Array.isArray(calls)) return [];
  return calls.slice(0, 64).map((call: unknown) => {
    const { method, id } = (call ?? {}) as { readonly method?: unknown; readonly id?: unknown };
    return { method: String(method).slice(0, 64), id: String(id).slice(0, 128) };
  });
}
