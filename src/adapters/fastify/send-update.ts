import type { FleetUpdate } from '../../controller/index.ts';
import type { EventStream } from './event-stream.ts';

/** A slow reader gets each event, alert and incident, and of each device the present state instead of all that it was. */
export function sendUpdate(stream: EventStream, update: FleetUpdate): void {
  const { name, data } = update;
  if (name === 'device') stream.sendNewest(data.id, name, data, update);
  else if (name === 'fleet') stream.sendNewest('', name, data, update);
  else {
    if (name === 'device-deleted') stream.drop(data.id);
    stream.send(name, data as never, update);
  }
}
