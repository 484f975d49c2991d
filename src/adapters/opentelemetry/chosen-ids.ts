import { ROOT_CONTEXT, type Span, type SpanOptions, type Tracer } from '@opentelemetry/api';
import { RandomIdGenerator } from '@opentelemetry/sdk-trace';

/** Random ids, but for a span whose ids were chosen. */
export class ChosenIds extends RandomIdGenerator {
  #next: { readonly traceId: string; readonly spanId: string } | undefined;

  constructor() {
    super();
    const { generateTraceId, generateSpanId } = this;
    this.generateTraceId = () => this.#next?.traceId ?? generateTraceId();
    this.generateSpanId = () => this.#next?.spanId ?? generateSpanId();
  }

  /** Begins a trace under these ids. */
  root(
    tracer: Tracer,
    name: string,
    options: SpanOptions,
    ids: { readonly traceId: string; readonly spanId: string },
  ): Span {
    this.#next = ids;
    try {
      return tracer.startSpan(name, options, ROOT_CONTEXT);
    } finally {
      this.#next = undefined;
    }
  }
}
