import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Ratios of the bench come from the fastest runs, beside peers that keep their memory","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0039-fastest-runs.md","filePath":"decisions/0039-fastest-runs.md"}');
const _sfc_main = { name: "decisions/0039-fastest-runs.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="ratios-of-the-bench-come-from-the-fastest-runs-beside-peers-that-keep-their-memory" tabindex="-1">Ratios of the bench come from the fastest runs, beside peers that keep their memory <a class="header-anchor" href="#ratios-of-the-bench-come-from-the-fastest-runs-beside-peers-that-keep-their-memory" aria-label="Permalink to &quot;Ratios of the bench come from the fastest runs, beside peers that keep their memory&quot;">​</a></h1><p>Area: project. Commit: <code>94b86e1</code>.</p><p><strong>Context.</strong> On a shared machine a run of 15 ms is always interrupted and one of 1.5 ms hardly ever. A fresh array of a frame&#39;s size costs a peer more than the work on it.</p><p><strong>Decision.</strong> Times are the fastest of a round, ratios are taken inside a round, candidates take turns. Peers run with a malloc that keeps what was freed. The chain&#39;s bench counts CPU time (771ea2a). Our JavaScript is timed compiled, as it is shipped (74490e1).</p><p><strong>Consequences.</strong> Numbers are less flattering and carry over. Bounds were not loosened: what is missed says so.</p><p><strong>Tried and measured.</strong> Work that is 20 times another was seen as 40 times by medians and 20.1 by the fastest. blobFromImage took 13 to 18 ms as installed and 1.3 with kept memory.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0039-fastest-runs.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0039FastestRuns = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0039FastestRuns as default
};
