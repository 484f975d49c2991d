import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A shadow looks at a frame after the serving node has answered it","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0051-shadow-after-its-node.md","filePath":"decisions/0051-shadow-after-its-node.md"}');
const _sfc_main = { name: "decisions/0051-shadow-after-its-node.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-shadow-looks-at-a-frame-after-the-serving-node-has-answered-it" tabindex="-1">A shadow looks at a frame after the serving node has answered it <a class="header-anchor" href="#a-shadow-looks-at-a-frame-after-the-serving-node-has-answered-it" aria-label="Permalink to &quot;A shadow looks at a frame after the serving node has answered it&quot;">​</a></h1><p>Area: pipeline. Commit: <code>a7fcc16</code>.</p><p><strong>Context.</strong> Two versions are compared on the same frames. Offered at the same time, the serving queue supersedes frames that the shadow has seen, the shadow sees frames that nobody else did, and what was seen has to be kept until the other answers.</p><p><strong>Decision.</strong> A shadow hangs on its serving node: it is offered a frame with the answer to compare with, when nothing else waits, for a share of one engine&#39;s time (<code>budget</code>, a tenth by default). Boxes are pairs from an IoU of 0.5, the nearest first, whatever they are called; another label is a flip. Precision and recall are those of the shadow, the serving model taken as the truth.</p><p><strong>Consequences.</strong> A frame&#39;s pixels live until the shadow has seen it or it is superseded: one that waits and one that is under way for each shadow. A frame that the serving model failed on is not compared. A shadow on crops is refused.</p><p><strong>Tried and measured.</strong> Nothing that the two could be measured against; the numbers are tested with detections made by hand.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0051-shadow-after-its-node.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0051ShadowAfterItsNode = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0051ShadowAfterItsNode as default
};
