import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"No Kafka until it can be tried","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0092-no-kafka-yet.md","filePath":"decisions/0092-no-kafka-yet.md"}');
const _sfc_main = { name: "decisions/0092-no-kafka-yet.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="no-kafka-until-it-can-be-tried" tabindex="-1">No Kafka until it can be tried <a class="header-anchor" href="#no-kafka-until-it-can-be-tried" aria-label="Permalink to &quot;No Kafka until it can be tried&quot;">​</a></h1><p>Area: streams. Commit: <code>16f87c6</code>.</p><p><strong>Context.</strong> Results leave a device by MQTT, webhook, WebSocket and MCAP (<a href="./../streams.html">streams</a>). Kafka is asked for as well, and a stream is only worth its name when it was tried against a real broker: restarts, slow brokers, counts that add up.</p><p><strong>Decision.</strong> There is no Kafka stream. Who needs one bridges from MQTT or the webhook (Kafka Connect, EMQX, HiveMQ, a REST proxy). A further stream is one file and a row in <code>src/runtime/streams/table.ts</code>, so nothing has to be undone for it later.</p><p><strong>Consequences.</strong> A site with Kafka runs a bridge of its own, which signs in to Kafka with the site&#39;s own means; devices hold no credentials of a Kafka cluster, and open no connections to each of its brokers.</p><p><strong>Tried and measured.</strong> Clients in the registry, 30 November 2026: kafkajs 2.2.4 has had no release for years; @platformatic/kafka 2.12 is kept and plain JavaScript, and asks for Node 22.22 or newer, while ours begins at 20.19; @confluentinc/kafka-javascript 1.10 downloads or compiles librdkafka when it is installed. Brokers: Debian 13 has no Kafka, Redpanda or other broker that speaks its protocol, and npm has none, so nothing could have been tried. When Node 20 goes, look at @platformatic/kafka again.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0092-no-kafka-yet.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0092NoKafkaYet = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0092NoKafkaYet as default
};
