import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The controller acknowledges every entry itself, beside PUBACK","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0016-end-to-end-acknowledgement.md","filePath":"decisions/0016-end-to-end-acknowledgement.md"}');
const _sfc_main = { name: "decisions/0016-end-to-end-acknowledgement.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-controller-acknowledges-every-entry-itself-beside-puback" tabindex="-1">The controller acknowledges every entry itself, beside PUBACK <a class="header-anchor" href="#the-controller-acknowledges-every-entry-itself-beside-puback" aria-label="Permalink to &quot;The controller acknowledges every entry itself, beside PUBACK&quot;">​</a></h1><p>Area: wire. Commit: <code>4d483a3</code>.</p><p><strong>Context.</strong> PUBACK says that the broker has a message. Brokers lose queues when they restart, and a controller can fail between the message and its commit.</p><p><strong>Decision.</strong> Events and metric batches lie in the device&#39;s outbox on disk until the controller has them in its database and says so with <code>call/ack</code>. Repeats are harmless: an event has an id, a batch has device, session and sequence.</p><p><strong>Consequences.</strong> Nothing that was accepted is lost or counted twice, whatever broker is between. The controller remembers counted batches as ranges of sequence numbers, which outlive the batches: repeats may come weeks later. Don&#39;t take the entry away on PUBACK.</p><p><strong>Tried and measured.</strong> Broker, agent and controller are killed in turns while events flow (33a03e5): each accepted event arrives once.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0016-end-to-end-acknowledgement.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0016EndToEndAcknowledgement = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0016EndToEndAcknowledgement as default
};
