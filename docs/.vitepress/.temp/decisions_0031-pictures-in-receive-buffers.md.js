import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"Large pictures stay in the middleware's receive buffers","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0031-pictures-in-receive-buffers.md","filePath":"decisions/0031-pictures-in-receive-buffers.md"}`);
const _sfc_main = { name: "decisions/0031-pictures-in-receive-buffers.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="large-pictures-stay-in-the-middleware-s-receive-buffers" tabindex="-1">Large pictures stay in the middleware&#39;s receive buffers <a class="header-anchor" href="#large-pictures-stay-in-the-middleware-s-receive-buffers" aria-label="Permalink to &quot;Large pictures stay in the middleware&#39;s receive buffers&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>5cedb18</code>.</p><p><strong>Context.</strong> Copying 6 MB out of Cyclone&#39;s buffers takes half a millisecond, and a small network looks at a third of the rows.</p><p><strong>Decision.</strong> <code>KeptLease</code> keeps the fragments; the letterbox reads the rows that it needs from there; <code>pixels.data</code> puts them together for who wants the picture whole.</p><p><strong>Consequences.</strong> It reaches into headers of Cyclone that are not its public interface, so a new version has to be compiled and its tests run. Smaller messages, JPEG, yuv and the GPU&#39;s letterbox are put together as before.</p><p><strong>Tried and measured.</strong> 0.45 ms of copying gone. At 1080p the bound of 2 ms outside of the network is missed all the same: 2.3 ms lie with the camera and the kernel.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0031-pictures-in-receive-buffers.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0031PicturesInReceiveBuffers = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0031PicturesInReceiveBuffers as default
};
