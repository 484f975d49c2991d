import {
  AedesTestBroker,
  FakeTestBroker,
  LateTestBroker,
  MosquittoTestBroker,
  mosquittoMissing,
} from './brokers.ts';
import { describeSeveralServers } from './several-servers.ts';
import { describeTransport } from './transport.ts';

describeTransport('the fake', () => new FakeTestBroker());
describeTransport('LateTransport and the fake', () => new LateTestBroker());
describeTransport('mqtt.js and aedes', () => new AedesTestBroker());
describeTransport('mqtt.js and Mosquitto', () => new MosquittoTestBroker(), mosquittoMissing);
describeSeveralServers('mqtt.js and aedes', () => new AedesTestBroker());
describeSeveralServers('mqtt.js and Mosquitto', () => new MosquittoTestBroker(), mosquittoMissing);
