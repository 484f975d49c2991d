import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"What lies under the detector's boxes is left out of the view","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0034-boxes-left-out-of-the-view.md","filePath":"decisions/0034-boxes-left-out-of-the-view.md"}`);
const _sfc_main = { name: "decisions/0034-boxes-left-out-of-the-view.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="what-lies-under-the-detector-s-boxes-is-left-out-of-the-view" tabindex="-1">What lies under the detector&#39;s boxes is left out of the view <a class="header-anchor" href="#what-lies-under-the-detector-s-boxes-is-left-out-of-the-view" aria-label="Permalink to &quot;What lies under the detector&#39;s boxes is left out of the view&quot;">​</a></h1><p>Area: drift. Commit: <code>f617808</code>.</p><p><strong>Context.</strong> A truck that waits at the light covers a third of the picture and is no change of the scene.</p><p><strong>Decision.</strong> Cells under boxes, and one cell around them for shadows, do not count in the signals of the view. Objects count once, by their track. The distance of scores counts objects and not boxes (8099bed).</p><p><strong>Consequences.</strong> Traffic is no drift. A model that is blind leaves the cells in, and motion that no box explains is a signal of its own.</p><p><strong>Tried and measured.</strong> No false alarm in a rush hour of held-out video (docs/drift.md). How it was without is not kept.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0034-boxes-left-out-of-the-view.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0034BoxesLeftOutOfTheView = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0034BoxesLeftOutOfTheView as default
};
