import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The models of a device are one map of slots","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0052-one-map-of-slots.md","filePath":"decisions/0052-one-map-of-slots.md"}');
const _sfc_main = { name: "decisions/0052-one-map-of-slots.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-models-of-a-device-are-one-map-of-slots" tabindex="-1">The models of a device are one map of slots <a class="header-anchor" href="#the-models-of-a-device-are-one-map-of-slots" aria-label="Permalink to &quot;The models of a device are one map of slots&quot;">​</a></h1><p>Area: protocol, agent. Commit: <code>aef1539</code>.</p><p><strong>Context.</strong> A device had one model: <code>desired.model</code>, <code>reported.deployment</code>, and in the agent&#39;s memory <code>committed</code> and <code>deployment</code> at the top. When a device got several, a map <code>slots</code> was put beside it, so that agents and controllers of different age understood each other. Nothing had been released; what stayed was a question in 49 places: is this slot <code>main</code>?</p><p><strong>Decision.</strong> One map, <code>slots</code>, from the wire (<code>desired</code>, <code>reported</code>) through the agent&#39;s memory and the settings that the controller keeps to the API and its pages. <code>main</code> is one of its names. Where a command, a request or a policy names no slot, it means <code>main</code>. What a slot runs is in <code>reported.slots.&lt;slot&gt;.loaded</code>; a birth says nothing of models.</p><p><strong>Consequences.</strong> An order for <code>main</code> goes the way of every other: it has an <code>expiresAtMs</code> of its own, settings of cameras are set also where it came too late, and after a power cut it is begun from the memory and not only by the broker. The generation that a device reports is saved last, when every slot has begun what it asks, or answered. <code>main</code> is still special in three things: it can&#39;t be removed (without an order it keeps what it runs), it is the slot of a camera without a graph, and drift, the known answer and live pictures watch it alone.</p><p><strong>Tried and measured.</strong> Power cuts between all saves: <code>test/unit/agent/slots/convergence.test.ts</code>, <code>slot-set.test.ts</code>, <code>test/unit/agent/deployment/deployer-interrupted.test.ts</code>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0052-one-map-of-slots.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0052OneMapOfSlots = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0052OneMapOfSlots as default
};
