// Around: opentelemetry

export { OtlpExport, type OtlpExportOptions, type OtlpExportPorts } from './exporter.ts';
export { shownReadings } from './readings.ts';
export { OtlpSender } from './sender.ts';
