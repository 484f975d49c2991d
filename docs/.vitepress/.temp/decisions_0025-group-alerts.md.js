import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A group that goes dark is one alert, and what nobody knows fires nothing","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0025-group-alerts.md","filePath":"decisions/0025-group-alerts.md"}');
const _sfc_main = { name: "decisions/0025-group-alerts.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-group-that-goes-dark-is-one-alert-and-what-nobody-knows-fires-nothing" tabindex="-1">A group that goes dark is one alert, and what nobody knows fires nothing <a class="header-anchor" href="#a-group-that-goes-dark-is-one-alert-and-what-nobody-knows-fires-nothing" aria-label="Permalink to &quot;A group that goes dark is one alert, and what nobody knows fires nothing&quot;">​</a></h1><p>Area: controller. Commit: <code>e13177e</code>.</p><p><strong>Context.</strong> A site that loses its uplink is five hundred cameras offline. A controller that lost its broker sees the whole fleet offline.</p><p><strong>Decision.</strong> At least three devices, and more than half, of a group together are one alert about the group; those of single cameras end as <code>merged</code>. A controller without its broker, or back for less than a minute, says nothing about its devices. Durations are monotonic.</p><p><strong>Consequences.</strong> Nobody is woken five hundred times, or by a clock that was set. A device that is away says nothing about its metrics, so a metric rule neither fires nor resolves.</p><p><strong>Tried and measured.</strong> <code>absence.test.ts</code>, <code>alert-service.test.ts</code>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0025-group-alerts.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0025GroupAlerts = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0025GroupAlerts as default
};
