// A best-effort camera whose datagrams are lost by chance, one of ten: Cyclone DDS can do that to itself.
//   node --import tsx lossy-camera.ts <domain> <pictures> [<large pictures before them>]
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { CdrWriter, qosProfiles, writeCompressedImage } from '../../../src/ros2/index.ts';

const [domain = '', pictures = '', large = '0'] = process.argv.slice(2);
const environment = rosEnvironment({
  ROS_DOMAIN_ID: domain,
  ROS_LOCALHOST_ONLY: '1',
  CYCLONEDDS_URI: '<Internal><Test><XmitLossiness>100</XmitLossiness></Test></Internal>',
});
const node = DdsNode.open({ environment, name: { namespace: '/', name: 'lossy' } });
const camera = node.advertise('/lossy/compressed', 'sensor_msgs/msg/CompressedImage', qosProfiles.sensorData);
const writer = new CdrWriter();
let number = 0;
const timer = setInterval(() => {
  if (camera.subscribers() === 0 && number === 0) return;
  number += 1;
  const header = { stampNs: BigInt(number), frameId: 'lossy' };
  const data = new Uint8Array(number > Number(large) ? 1000 : 5000);
  camera.publish(writeCompressedImage(writer, { header, format: 'jpeg', data }));
  if (number < Number(pictures)) return;
  clearInterval(timer);
  node.close();
}, 5);
