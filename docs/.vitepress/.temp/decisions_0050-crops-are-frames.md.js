import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A piece of a frame is a frame","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0050-crops-are-frames.md","filePath":"decisions/0050-crops-are-frames.md"}');
const _sfc_main = { name: "decisions/0050-crops-are-frames.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-piece-of-a-frame-is-a-frame" tabindex="-1">A piece of a frame is a frame <a class="header-anchor" href="#a-piece-of-a-frame-is-a-frame" aria-label="Permalink to &quot;A piece of a frame is a frame&quot;">​</a></h1><p>Area: pipeline. Commit: <code>a7fcc16</code>.</p><p><strong>Context.</strong> A classifier looks at boxes. Each detector could be given a region, and would have to know of it: two preprocessors, five encodings, every engine and every fake.</p><p><strong>Decision.</strong> A crop is a <code>Frame</code> of its own. In rgb8, bgr8, mono8 and yuyv it is the same bytes seen through another header, without a copy; corners are even, since yuyv shares colour in pairs. Of nv12, whose colour lies elsewhere, the rows of the piece are copied. A jpeg is decoded once per frame for all of its crops, off the JavaScript thread. Detectors know nothing of it; the native letterbox takes the crop as it takes a frame.</p><p><strong>Consequences.</strong> A compressed frame with crops is decoded twice: by the detector, whose pixels never come back, and for the crops. A frame of the ROS adapter that lies in pieces is put together when a crop is needed. Crops of one frame go one after the other and take one place: a frame with many boxes does not push the others aside.</p><p><strong>Tried and measured.</strong> Every pixel of a crop in five encodings is compared with the pixel of the whole frame, through the letterbox. No time was measured for itself.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0050-crops-are-frames.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0050CropsAreFrames = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0050CropsAreFrames as default
};
