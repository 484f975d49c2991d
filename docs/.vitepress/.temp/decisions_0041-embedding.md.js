import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The embedding stays a signal of drift, for cameras of few classes","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0041-embedding.md","filePath":"decisions/0041-embedding.md"}');
const _sfc_main = { name: "decisions/0041-embedding.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-embedding-stays-a-signal-of-drift-for-cameras-of-few-classes" tabindex="-1">The embedding stays a signal of drift, for cameras of few classes <a class="header-anchor" href="#the-embedding-stays-a-signal-of-drift-for-cameras-of-few-classes" aria-label="Permalink to &quot;The embedding stays a signal of drift, for cameras of few classes&quot;">​</a></h1><p>Area: drift. Commit: <code>4441516</code>.</p><p><strong>Context.</strong> On the rendered street an embedding of the backbone added nothing (6406c1d). It costs an output of the network, a part of the profile, and a path through both engines, so it was to go unless other data showed its use.</p><p><strong>Decision.</strong> It stays, and stays optional. It is for cameras whose classes say little of the place: of people alone, or of any few that are everywhere. Where many classes count, their mix says as much, sooner.</p><p><strong>Consequences.</strong> Old bundles and profiles are as they were. It is judged on the engine and in the precision that it was learned with. A reference of few pictures makes it tell what is merely new: learn long.</p><p><strong>Tried and measured.</strong> COCO pictures, YOLOX-Nano and FastestDet, boxes of people alone, equal false alarms (none in 8 h). Pictures of another kind whose every statistic is usual, 15 % of the stream: 0 of 8 streams found without it in 15 minutes, 8, 8 and 7 of 8 with it, after 83, 53 and 423 s. Other kinds of place at 15 %: 0 of 8 without it, 8 of 8 with it, on two of three references (docs/drift.md, <code>test/bench/drift/embedding-coco.ts</code>).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0041-embedding.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0041Embedding = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0041Embedding as default
};
