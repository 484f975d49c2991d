import { checksOf } from './check.ts';

const gate = checksOf('src/adapters/fastify/scope-gate.ts', [
  [
    'a token with a scope reaches its devices alone',
    "view.expect(params.id ?? params.device ?? '');\n      return;",
    'return;',
  ],
  [
    'a token with a scope orders its group alone',
    'if (params.group !== undefined && view.hasGroup(params.group)) return;',
    'return;',
  ],
  [
    'an operation on the whole fleet is refused',
    "throw exceeded(scope, 'this concerns the whole fleet');",
    'return;',
  ],
  [
    'a target means no device elsewhere',
    'holder[last] = narrowed(selector as Selector, scope);',
    'narrowed(selector as Selector, scope);',
  ],
]);

const registry = checksOf('src/adapters/fastify/registry/registry-tokens.ts', [
  ['the registry is for tokens of the whole fleet', "expectReach('fleet', controller.views.of(caller), {});"],
]);

const api = checksOf('src/adapters/fastify/api-server.ts', [
  ['a process beside the leader asks it about scopes', 'if (caller.scope !== undefined) {', 'if (false) {'],
]);

const lists = [
  ...checksOf('src/controller/fleet/device-registry.ts', [
    [
      'a list of devices is of the part',
      '.filter((device) => has(device.id))\n      .filter((device) => query.online',
      '.filter((device) => query.online',
    ],
    ['models count devices of the part', 'if (has(device.id) && loadedModels', 'if (loadedModels'],
    ['the summary counts devices of the part', 'if (!has(device.id)) continue;'],
  ]),
  ...checksOf('src/controller/devices/event-service.ts', [
    ['events are of the part', '...defined({ devices: view.ids() })'],
  ]),
  ...checksOf('src/controller/devices/metrics-service.ts', [
    ['metrics are of the part', 'members?.filter(view.has) ?? view.ids()', 'members'],
  ]),
  ...checksOf('src/controller/alerts/alert-service.ts', [
    ['alerts are of the part', '...defined({ about: alertsAbout(view) })'],
    ['an alert elsewhere is unknown', 'if (alert === undefined || !hasAlert(view, alert))', 'if (!alert)'],
  ]),
  ...checksOf('src/controller/drift/drift-service.ts', [
    ['cameras are of the part', 'view.has(id) && (members?.has(id) ?? true)', 'members?.has(id) ?? true'],
    ['an incident elsewhere is unknown', ' || !view.has(stored.incident.device)'],
  ]),
  ...checksOf('src/controller/rollouts/rollout-view.ts', [
    ['a rollout that is wider is not steered', 'if (isWithinView(view, rollout)) return;', 'return;'],
    [
      'a rollout shows devices of the part',
      'new Map([...rollout.devices].filter(([id]) => view.has(id)))',
      'rollout.devices',
    ],
  ]),
  ...checksOf('src/controller/desired/group-service.ts', [
    ['members of a group are of the part', 'group.members.filter(view.has)', 'group.members'],
  ]),
  ...checksOf('src/controller/scopes/updates-in-view.ts', [
    ['the stream tells devices of the part', 'if (!view.has(id)) return this.#gone(id);'],
    ['the stream tells events of the part', 'view.has(update.data.device) ? update : undefined', 'update'],
  ]),
  ...checksOf('src/controller/devices/target-service.ts', [
    ['a group names members of the part', 'listed.filter(isShown)', 'listed'],
  ]),
];

const effects = checksOf('src/controller/scopes/effects-in-view.ts', [
  [
    'the devices that a command would change are checked',
    'if (view.scope === undefined || changes.every((change) => isOf(view, change))) return [];',
    'if (view.scope === undefined || changes.length >= 0) return [];',
  ],
]);

/** Checks of what a token with a scope may see and order, and the tests that have to miss them. */
export const scopeChecks = [
  { checks: [...gate, ...registry, ...lists], tests: [['test/unit/adapters/fastify/scope']] },
  { checks: effects, tests: [['test/unit/controller/scopes']] },
  { checks: api, tests: [['test/unit/adapters/fastify/api-server']] },
];
