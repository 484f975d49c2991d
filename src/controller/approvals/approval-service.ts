import type { Approval, ApprovalList, ApprovalRule, ApprovalRules } from '../../api/index.ts';
import { type Clock, InputError, MissingError, RefusedError, toBase64 } from '../../base/index.ts';
import { controllerId } from '../../protocol/index.ts';
import type { Secrets } from '../access/token-registry.ts';
import { actorOf, type Caller, isSamePerson, systemCaller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { LabelService } from '../devices/label-service.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { selectableOf } from '../fleet/selectable.ts';
import { isEmptySelector, type Selectable } from '../fleet/selector.ts';
import type { AskedApproval } from '../store/rows.ts';
import type { Change, StoredFleet } from '../store/store.ts';
import { type Protected, protectedBy, rulesOf } from './protected.ts';

export interface ApprovalServicePorts {
  readonly registry: DeviceRegistry;
  readonly labels: Pick<LabelService, 'labelsOf'>;
  readonly commands: CommandExecutor;
  readonly events: ControllerEvents;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly secrets: Pick<Secrets, 'sha256'>;
  /** Written with the next commit. */
  readonly change: (key: string, change: Change) => void;
}

type Asked = AskedApproval;

const keptMs = 86_400_000;
const mostAsked = 200;
const mostOfOne = 20;
const mostDetail = 4_000;
const mostDevices = 100;

/**
 * Who needs a second person is a rule of the target. A command that changes such a device is refused and kept; when
 * somebody else has approved it, who asked sends it again. What it would do has to be the same then.
 */
export class ApprovalService {
  readonly #ports: ApprovalServicePorts;
  #rules: readonly ApprovalRule[] = [];
  #asked: readonly Asked[] = [];

  constructor(ports: ApprovalServicePorts) {
    this.#ports = ports;
    ports.commands.guardBy((...command) => this.#expectSecond(...command));
  }

  load({ approvalRules = [], approvals = [] }: Pick<StoredFleet, 'approvalRules' | 'approvals'>): void {
    this.#rules = approvalRules;
    this.#asked = approvals;
  }

  get rules(): ApprovalRules {
    return { rules: [...this.#rules] };
  }

  /** Names of the rules that a device has. */
  rulesOf(device: Selectable): string[] {
    return rulesOf(this.#rules, device);
  }

  /** InputError `approval-rule`. To change a rule or to take it away needs a second person. */
  setRules(caller: Caller, { rules }: ApprovalRules): Promise<ApprovalRules> {
    return this.#ports.commands.execute(caller, 'approval.rules', 'all', { rules }, () => {
      const names = rules.map(({ name }) => name);
      const twice = names.find((name, at) => names.indexOf(name) !== at);
      if (twice !== undefined) throw refused(`The rule ${twice} is named twice.`, 'Name it once.');
      const empty = rules.find(({ target }) => isEmptySelector(target));
      if (empty !== undefined)
        throw refused(
          `The rule ${empty.name} names no device.`,
          'Name devices, groups, boards or labels, or all: true.',
        );
      return {
        changes: [{ kind: 'approval-rules', rules }],
        apply: () => {
          this.#rules = rules;
          return this.rules;
        },
      };
    });
  }

  list(): ApprovalList {
    this.#forgetOld();
    return { approvals: this.#asked.map(({ approval }) => approval).reverse() };
  }

  /** RefusedError `approval-second-person`, MissingError `approval-unknown`. */
  approve(caller: Caller, id: string): Promise<Approval> {
    return this.#answer(caller, id, 'approval.approved', {}, ({ by, approval }) => {
      if (isSamePerson(caller, { token: by.tokenId, name: by.name }))
        throw new RefusedError(
          'approval-second-person',
          `${caller.name} requested ${approval.action} of ${approval.target}; another person has to approve it.`,
          'Ask a person with another token to do it: goshawk approval list.',
        );
    });
  }

  /** It is not done; who asked may also take it back. */
  async refuse(caller: Caller, id: string): Promise<void> {
    await this.#answer(caller, id, 'approval.refused', {}, () => {}, false);
  }

  /** An admin alone, without a second person: it is in the audit log, and an event of severity error. */
  async breakGlass(caller: Caller, id: string, reason: string): Promise<Approval> {
    const approval = await this.#answer(caller, id, 'approval.broken-glass', { reason }, () => {});
    const { action, target, by } = approval;
    this.#ports.events.add(controllerId, {
      kind: 'approval.broken-glass',
      severity: 'error',
      message: `${caller.name} let ${action} of ${target} (asked by ${by}) go without a second person: ${reason}`,
      data: { approval: id, action, target, by: actorOf(caller), reason },
    });
    return approval;
  }

  #answer(
    caller: Caller,
    id: string,
    action: string,
    more: { readonly reason?: string },
    check: (asked: Asked) => void,
    keep = true,
  ): Promise<Approval> {
    const asked = () => {
      this.#forgetOld();
      const found = this.#asked.find(({ approval }) => approval.id === id);
      if (found !== undefined) return found;
      throw new MissingError(
        'approval-unknown',
        `No request ${id} waits for a second person.`,
        'See goshawk approval list. Requests expire after a day: send it again.',
      );
    };
    const known = this.#asked.find(({ approval }) => approval.id === id)?.approval;
    const detail = { ...more, action: known?.action, target: known?.target, by: known?.by };
    return this.#ports.commands.execute(caller, action, id, detail, () => {
      const one = asked();
      check(one);
      const approval = { ...one.approval, approvedBy: actorOf(caller) };
      const next = this.#asked.flatMap((other) =>
        other.approval.id !== id ? [other] : keep ? [{ ...one, approval }] : [],
      );
      return {
        changes: [{ kind: 'approvals', asked: next }],
        apply: () => {
          this.#keep(next);
          return approval;
        },
      };
    });
  }

  /** RefusedError `approval-needed`. */
  #expectSecond(
    caller: Caller,
    action: string,
    target: string,
    detail: unknown,
    changes: readonly Change[],
  ): readonly Change[] {
    // Rollouts give their orders themselves and have their own approval; to follow a version is an order of who pushed it.
    if (this.#rules.length === 0 || (caller.tokenId === systemCaller.tokenId && !action.endsWith('.version')))
      return [];
    const found = protectedBy(changes, {
      rules: this.#rules,
      device: (id) => this.#deviceOf(id),
      group: (name) => this.#ports.registry.group(name),
    });
    if (found === undefined) return [];
    const effect = toBase64(this.#ports.secrets.sha256(found.effect));
    this.#forgetOld();
    const own = this.#asked.filter(({ by }) => by.tokenId === caller.tokenId);
    const known = own.find(
      ({ approval, effect: own }) =>
        approval.action === action && approval.target === target && own === effect,
    );
    if (known?.approval.approvedBy !== undefined) {
      this.#keep(this.#asked.filter((one) => one !== known));
      // With the command itself: it is done once, also where the controller ends right after it.
      return [{ kind: 'approvals', asked: this.#asked }];
    }
    const asked = known ?? this.#ask(caller, action, target, detail, { ...found, effect });
    throw new RefusedError(
      'approval-needed',
      `${found.rules.join(', ')}: this needs a second person, and waits for one as ${asked.approval.id}.`,
      `Ask another person to approve it (goshawk approval approve ${asked.approval.id}), then repeat it. Or create a rollout, or ask an admin to break the glass.`,
    );
  }

  #ask(
    by: Caller,
    action: string,
    target: string,
    detail: unknown,
    { rules, devices, effect }: Protected,
  ): Asked {
    const { clock, newId, events } = this.#ports;
    const approval: Approval = {
      ...{ id: newId(), by: actorOf(by), action, target, rules: [...rules], askedMs: clock.wallMs() },
      detail: (JSON.stringify(detail) ?? '').slice(0, mostDetail),
      devices: devices.slice(0, mostDevices),
    };
    const asked = { approval, by, effect };
    // Who asks for more than that loses what he asked for first.
    const own = this.#asked.filter((one) => one.by.tokenId === by.tokenId);
    const dropped = new Set(own.slice(0, Math.max(0, own.length + 1 - mostOfOne)));
    this.#keep([...this.#asked.filter((one) => !dropped.has(one)), asked].slice(-mostAsked));
    events.add(controllerId, {
      kind: 'approval.asked',
      severity: 'warning',
      message: `${by.name} asks a second person for ${action} of ${target} (${rules.join(', ')}): goshawk approval approve ${approval.id}`,
      data: { approval: approval.id, action, target, by: actorOf(by) },
    });
    return asked;
  }

  #deviceOf(id: string) {
    const { groups, ...device } = selectableOf(id, this.#ports);
    return { ...device, groups, desired: this.#ports.registry.get(id)?.desired };
  }

  /** Also where a command has written it already: what waits for the next commit may be older. */
  #keep(asked: readonly Asked[]): void {
    this.#asked = asked;
    this.#ports.change('approvals', { kind: 'approvals', asked });
  }

  #forgetOld(): void {
    const sinceMs = this.#ports.clock.wallMs() - keptMs;
    this.#asked = this.#asked.filter(({ approval }) => approval.askedMs >= sinceMs);
  }
}

function refused(what: string, remedy: string): InputError {
  return new InputError('approval-rule', what, remedy);
}
