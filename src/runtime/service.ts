/** The service manager that started an agent or a controller: it is told when they work, and that they live. */
export { connectServiceManager, type ServiceManager } from '../../device/systemd/index.ts';
