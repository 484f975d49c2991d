// Around: nodemailer: one alert, one e-mail

export { NodemailerMailer, type NodemailerMailerOptions } from './sender.ts';
