import { createHash } from 'node:crypto';
import { ROOT_CONTEXT, SpanStatusCode, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import type { FollowedOrder } from '../../protocol/index.ts';
import type { ChosenIds } from './chosen-ids.ts';
import { timeOf } from './metrics.ts';

/** Both sides make the ids from the order's own: nothing more goes over the wire, and their spans are one trace. */
function idsOf({ order, device, slot }: FollowedOrder) {
  const hash = createHash('sha256').update(`goshawk order ${order} ${device} ${slot}`).digest('hex');
  return { traceId: hash.slice(0, 32), spanId: hash.slice(32, 48) };
}

/** `root`: the controller's span, over the whole way; otherwise the device's, one for each step of its deployment. */
export function traceOrder(tracer: Tracer, ids: ChosenIds, followed: FollowedOrder, root: boolean): void {
  const { order, device, slot, startMs, endMs, steps, outcome, reason } = followed;
  const { traceId, spanId } = idsOf(followed);
  const attributes = { 'goshawk.order': order, 'goshawk.device': device, 'goshawk.slot': slot };
  const failed = outcome !== 'committed';
  if (root) {
    const span = ids.root(tracer, 'order', { startTime: timeOf(startMs), attributes }, { traceId, spanId });
    for (const { state, atMs } of steps) span.addEvent(`device reports ${state}`, timeOf(atMs));
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR, message: reason ?? outcome });
    span.end(timeOf(endMs));
    return;
  }
  const parent = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
  const within = trace.setSpanContext(ROOT_CONTEXT, parent);
  const all = tracer.startSpan('deployment', { startTime: timeOf(startMs), attributes }, within);
  const inside = trace.setSpan(within, all);
  for (const [at, { state, atMs }] of steps.entries())
    tracer.startSpan(state, { startTime: timeOf(atMs) }, inside).end(timeOf(steps[at + 1]?.atMs ?? endMs));
  if (failed) all.setStatus({ code: SpanStatusCode.ERROR, message: reason ?? outcome });
  all.end(timeOf(endMs));
}
