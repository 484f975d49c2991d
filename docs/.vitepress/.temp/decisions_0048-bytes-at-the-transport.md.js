import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The cap on bytes is at the transport, over any 24 hours","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0048-bytes-at-the-transport.md","filePath":"decisions/0048-bytes-at-the-transport.md"}');
const _sfc_main = { name: "decisions/0048-bytes-at-the-transport.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-cap-on-bytes-is-at-the-transport-over-any-24-hours" tabindex="-1">The cap on bytes is at the transport, over any 24 hours <a class="header-anchor" href="#the-cap-on-bytes-is-at-the-transport-over-any-24-hours" aria-label="Permalink to &quot;The cap on bytes is at the transport, over any 24 hours&quot;">​</a></h1><p>Area: wire. Commit: <code>a0e1406</code>.</p><p><strong>Context.</strong> Who pays by the gigabyte needs a bound that holds whatever the agent does: events in a storm, an outbox that sends again, somebody who watches all day. A limit in each part bounds the parts and not their sum.</p><p><strong>Decision.</strong> Every message goes through one transport that counts it and refuses it (<code>src/agent/budget/metered-transport.ts</code>). Kinds have shares of the cap, so the less important is refused first. The sum is over the 24 hours before now and the hour that runs, by a monotonic clock, and not over a calendar day: a cap that is whole again at midnight lets twice the bytes through within minutes. Metrics are made more rarely before they are refused. A crash is charged with what may not have been saved, a hundredth of the cap, and more than that is never unsaved.</p><p><strong>Consequences.</strong> A refused event or batch stays in the outbox and is tried again, as if it had not left. The birth of a device can be refused when all is used up: a hard cap is hard. Headers are estimated at 120 bytes a message, not measured.</p><p><strong>Tried and measured.</strong> A property test over messages, pauses and restarts: no 24 hours with more than the cap (<code>test/unit/agent/budget/byte-budget.test.ts</code>).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0048-bytes-at-the-transport.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0048BytesAtTheTransport = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0048BytesAtTheTransport as default
};
