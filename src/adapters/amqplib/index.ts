// Around: amqplib

export { type AmqplibOptions, AmqplibTelemetrySource } from './telemetry-source.ts';
