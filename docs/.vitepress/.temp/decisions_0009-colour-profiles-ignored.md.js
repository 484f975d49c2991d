import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Colour profiles of pictures are ignored, the EXIF orientation is applied","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0009-colour-profiles-ignored.md","filePath":"decisions/0009-colour-profiles-ignored.md"}');
const _sfc_main = { name: "decisions/0009-colour-profiles-ignored.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="colour-profiles-of-pictures-are-ignored-the-exif-orientation-is-applied" tabindex="-1">Colour profiles of pictures are ignored, the EXIF orientation is applied <a class="header-anchor" href="#colour-profiles-of-pictures-are-ignored-the-exif-orientation-is-applied" aria-label="Permalink to &quot;Colour profiles of pictures are ignored, the EXIF orientation is applied&quot;">​</a></h1><p>Area: data plane. Commit: <code>0d4ac4b</code>.</p><p><strong>Context.</strong> libvips converts a picture with an embedded ICC profile to sRGB by default. A model was trained with pixels as <code>cv2.imread</code> gives them, which ignores profiles and applies the orientation.</p><p><strong>Decision.</strong> <code>sharp</code> is told <code>ignoreIcc</code>, and turns the picture by its EXIF orientation. A JPEG that is cut short is refused instead of filled with grey.</p><p><strong>Consequences.</strong> Accuracy measured here equals accuracy measured by the usual training loaders. A picture in Adobe RGB looks paler than in a viewer. JPEG frames of live cameras go through libjpeg-turbo, where no orientation is applied: cameras don&#39;t set it.</p><p><strong>Tried and measured.</strong> sharp and libjpeg-turbo decode to the same pixels: 20 pictures, 4:4:4 and 4:2:0, largest difference 0. <code>test/bench/independent_evaluation.py</code> with OpenCV gives the same mAP within 0.3.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0009-colour-profiles-ignored.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0009ColourProfilesIgnored = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0009ColourProfilesIgnored as default
};
