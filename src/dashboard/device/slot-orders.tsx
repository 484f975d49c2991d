import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { mainSlot } from '../../api/index.ts';
import type { DeviceDetail } from '../api/types.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { useNow } from '../state/use-element.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { formatAgo, formatTime } from '../ui/format.ts';
import { ReasonDialog } from '../ui/reason-dialog.tsx';
import { Tag } from '../ui/widgets.tsx';
import {
  type SlotOrders as Orders,
  ordererWords,
  pinSlot,
  removeSlot,
  slotOrders,
  switchNow,
} from './slots.ts';

type Action = 'pin' | 'unpin' | 'remove' | 'switch';

/** Who ordered the model of a slot, what it waits for, and what an operator can order of it. */
export function SlotOrders(props: {
  detail: DeviceDetail;
  slot: string;
  reload: () => void;
}): JSX.Element | null {
  const { detail, slot, reload } = props;
  const { me } = useSession();
  const now = useNow(30_000);
  const [action, setAction] = useState<Action | undefined>(undefined);
  const orders = slotOrders(detail, slot);
  if (orders === undefined) return null;
  const { pinned, isOwn, timeMs, waits } = orders;
  return (
    <div class="slot-orders">
      <p class="sub">
        {pinned && <Tag tone="accent">Pinned</Tag>} {ordererWords(orders)}
        {timeMs !== undefined && <time title={formatTime(timeMs)}>, {formatAgo(timeMs, now)}</time>}
      </p>
      {waits && (
        <p class="tone-warning" role="status">
          Ready, and waits since {formatTime(waits.sinceMs)}: {waits.what}
        </p>
      )}
      {mayActAs(me, 'operator') && (
        <div class="button-row">
          {!(pinned && isOwn) && <SlotButton word="Pin" slot={slot} act={() => setAction('pin')} />}
          {pinned && isOwn && <SlotButton word="Unpin" slot={slot} act={() => setAction('unpin')} />}
          {isOwn && (
            <SlotButton
              word={slot === mainSlot ? 'Follow the groups' : 'Remove'}
              slot={slot}
              act={() => setAction('remove')}
            />
          )}
          {waits?.for === 'safety' && isOwn && mayActAs(me, 'admin') && (
            <SlotButton word="Switch now" slot={slot} act={() => setAction('switch')} />
          )}
        </div>
      )}
      {action === 'switch' ? (
        <SwitchDialog orders={orders} onClose={() => setAction(undefined)} reload={reload} />
      ) : (
        action && (
          <OrderDialog action={action} orders={orders} onClose={() => setAction(undefined)} reload={reload} />
        )
      )}
    </div>
  );
}

function SlotButton({ word, slot, act }: { word: string; slot: string; act: () => void }): JSX.Element {
  return (
    <button type="button" class="button" aria-label={`${word}: slot ${slot}`} onClick={act}>
      {word}
    </button>
  );
}

interface DialogProps {
  readonly orders: Orders;
  readonly onClose: () => void;
  readonly reload: () => void;
}

function OrderDialog(props: DialogProps & { action: Exclude<Action, 'switch'> }): JSX.Element {
  const { action, orders, onClose, reload } = props;
  const { device, slot, model } = orders;
  const runs = `${model.name} ${model.version}`;
  const { title, word, text, done } = {
    pin: {
      title: `Pin ${runs} on ${device}`,
      word: 'Pin',
      text: `The slot ${slot} of ${device} stays at ${runs} until you unpin it, whatever newer version arrives and whatever its groups say.`,
      done: `${device} is pinned to ${runs}.`,
    },
    unpin: {
      title: `Unpin ${device}`,
      word: 'Unpin',
      text:
        orders.follows === undefined
          ? `The slot ${slot} of ${device} keeps ${runs} until another model is ordered for it.`
          : `The slot ${slot} of ${device} follows ${orders.follows} again: the controller chooses the version now, and again with each upload.`,
      done: `${device} is unpinned.`,
    },
    remove:
      slot === mainSlot
        ? {
            title: `Let ${device} follow its groups`,
            word: 'Follow the groups',
            text: `${device} gives up its own order for ${runs} and runs what its groups set. If they set no model, it keeps its current one.`,
            done: `${device} follows its groups.`,
          }
        : {
            title: `Remove the slot ${slot} of ${device}`,
            word: 'Remove the slot',
            text: `${runs} is drained and closed on ${device}: its cameras get no more results from it. If a group sets this slot, the device follows the group.`,
            done: `The slot ${slot} of ${device} is removed.`,
          },
  }[action];
  const act = async (): Promise<void> => {
    if (action === 'remove') await removeSlot(device, slot);
    else await pinSlot(orders, action === 'pin');
    notify('ok', done);
    reload();
  };
  return (
    <ActionDialog
      title={title}
      word={word}
      danger={action === 'remove' && slot !== mainSlot}
      onClose={onClose}
      onDone={act}
    >
      <p>{text}</p>
      <p class="sub">It is written to the audit log with your name.</p>
    </ActionDialog>
  );
}

/** Only for the order that waits, and only for admins. */
function SwitchDialog({ orders, onClose, reload }: DialogProps): JSX.Element {
  const { device, slot, model, waits } = orders;
  return (
    <ReasonDialog
      title={`Switch ${device} although it is not safe`}
      text={`${device} says: ${(waits?.what ?? '').replace(/\.$/, '')}. If you confirm, it switches the slot ${slot} to ${model.name} ${model.version} at once, for this order alone. Be sure that the machine does not move.`}
      word="Switch now"
      needed
      danger
      onClose={onClose}
      onDone={async (reason) => {
        await switchNow(device, slot, reason);
        notify('ok', `The order to switch was sent to ${device}.`);
        reload();
      }}
    />
  );
}
