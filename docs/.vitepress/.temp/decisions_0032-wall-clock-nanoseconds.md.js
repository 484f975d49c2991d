import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The wall clock in nanoseconds does not come from Date.now()","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0032-wall-clock-nanoseconds.md","filePath":"decisions/0032-wall-clock-nanoseconds.md"}');
const _sfc_main = { name: "decisions/0032-wall-clock-nanoseconds.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-wall-clock-in-nanoseconds-does-not-come-from-date-now" tabindex="-1">The wall clock in nanoseconds does not come from Date.now() <a class="header-anchor" href="#the-wall-clock-in-nanoseconds-does-not-come-from-date-now" aria-label="Permalink to &quot;The wall clock in nanoseconds does not come from Date.now()&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>ba5d5fd</code>.</p><p><strong>Context.</strong> <code>Date.now()</code> cuts down to whole milliseconds. Added to a monotonic clock it is up to 1 ms behind, another amount in every process.</p><p><strong>Decision.</strong> <code>SystemClock.wallNs</code> narrows the origin with every call: what Date says bounds it from both sides.</p><p><strong>Consequences.</strong> Latencies against stamps of other programs are right to some microseconds. All latencies of before 25 November 2026 were too small by half a millisecond on average, and were thrown away.</p><p><strong>Tried and measured.</strong> <code>clock.test.ts</code> compares with a clock that is known.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0032-wall-clock-nanoseconds.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0032WallClockNanoseconds = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0032WallClockNanoseconds as default
};
