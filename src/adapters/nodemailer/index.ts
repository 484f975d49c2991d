// Around: nodemailer: one alert, one e-mail

export { NodemailerAlertChannel, type NodemailerAlertChannelOptions } from './sender.ts';
