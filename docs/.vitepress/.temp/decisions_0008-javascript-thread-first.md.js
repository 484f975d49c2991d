import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The JavaScript thread goes before threads that compute","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0008-javascript-thread-first.md","filePath":"decisions/0008-javascript-thread-first.md"}');
const _sfc_main = { name: "decisions/0008-javascript-thread-first.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-javascript-thread-goes-before-threads-that-compute" tabindex="-1">The JavaScript thread goes before threads that compute <a class="header-anchor" href="#the-javascript-thread-goes-before-threads-that-compute" aria-label="Permalink to &quot;The JavaScript thread goes before threads that compute&quot;">​</a></h1><p>Area: data plane. Commit: <code>5a1e914</code>.</p><p><strong>Context.</strong> Late turns of the event loop are mostly waits for a processor, not JavaScript. A thread that has just had its share waits for the scheduler&#39;s next tick, up to 4 ms.</p><p><strong>Decision.</strong> Threads that compute ask for slices twice as long, the JavaScript thread for 0.5 ms (Linux 6.12 and newer), and for a niceness of -10 where that is allowed: root, CAP_SYS_NICE, or <code>LimitNICE</code> in the systemd unit.</p><p><strong>Consequences.</strong> Everything keeps its share of the processor over time; only the order changes. Without the privilege the agent is as it was. Threads that an engine starts inherit the long slice.</p><p><strong>Tried and measured.</strong> p99 of the turns with the simulated camera 4.09 and 3.05 ms at niceness 0, 1.62 and 1.98 at -10. A slice of 20 ms for computing threads was tried and is too long beside other programs (932c16b).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0008-javascript-thread-first.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0008JavascriptThreadFirst = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0008JavascriptThreadFirst as default
};
