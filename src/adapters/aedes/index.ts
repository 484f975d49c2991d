// Around: aedes

export { type Broker, type BrokerOptions, startBroker } from './broker.ts';
export type { BrokerUser } from './users.ts';
