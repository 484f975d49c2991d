import type { Registry } from 'prom-client';
import { controllerMetrics } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import { countBy } from './counted.ts';
import { shown } from './instruments.ts';

const dayMs = 86_400_000;
const spans = ['expired', '1d', '7d', '30d', 'later'] as const;

/** When certificates expire: the controller's own by name, those of devices as counts. */
export function registerCertificates(
  prometheus: Registry,
  enrolment: Pick<FleetController['enrolment'], 'expiries'>,
  own: ReadonlyMap<string, number>,
): void {
  shown(prometheus, controllerMetrics.certificateExpiry, (put) => {
    for (const [certificate, notAfterMs] of own) put(notAfterMs / 1000, { certificate });
  });
  shown(prometheus, controllerMetrics.deviceCertificates, (put) => {
    const counts = countBy(spans, enrolment.expiries().map(spanOf));
    for (const [expires, count] of counts) put(count, { expires });
  });
}

/** `leftMs`: until it expires. */
function spanOf(leftMs: number): (typeof spans)[number] {
  if (leftMs <= 0) return 'expired';
  if (leftMs <= dayMs) return '1d';
  if (leftMs <= 7 * dayMs) return '7d';
  return leftMs <= 30 * dayMs ? '30d' : 'later';
}
