import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"A picture stays in its decoder's memory where all engines read it there, and is copied when the processor asks","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0074-pictures-stay-in-device-memory.md","filePath":"decisions/0074-pictures-stay-in-device-memory.md"}`);
const _sfc_main = { name: "decisions/0074-pictures-stay-in-device-memory.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-picture-stays-in-its-decoder-s-memory-where-all-engines-read-it-there-and-is-copied-when-the-processor-asks" tabindex="-1">A picture stays in its decoder&#39;s memory where all engines read it there, and is copied when the processor asks <a class="header-anchor" href="#a-picture-stays-in-its-decoder-s-memory-where-all-engines-read-it-there-and-is-copied-when-the-processor-asks" aria-label="Permalink to &quot;A picture stays in its decoder&#39;s memory where all engines read it there, and is copied when the processor asks&quot;">​</a></h1><p>Area: cameras, native. Commit: <code>be694d4c</code>.</p><p><strong>Context.</strong> A Jetson&#39;s decoder writes to memory that the GPU reads too; pictures went from there to the processor&#39;s memory and back. A decoder has few buffers, repeats them, and stands still without one. To import one is work for driver and kernel.</p><p><strong>Decision.</strong> <code>Pixels.device</code> is a handle that native code reads; <code>data</code> copies, once, when somebody asks. The C ABI&#39;s 1.2 adds <code>image_memories</code>, <code>letterbox_image</code> and <code>forget_images</code> at the end of the memory table: an older plugin takes none. What all engines take is asked when a connection is made; nobody finds out per frame. Four buffers are held, a picture more is copied. Imports are kept by pool and inode: an import holds its memory, so no other memory gets its inode meanwhile. The end of the pool, which its last picture holds, forgets them. The descriptor goes to an isolated engine with every picture, because a second table of what the other side knows could disagree. Opt-in (<code>memory: device</code>): no Jetson has run it.</p><p><strong>Consequences.</strong> CUDA imports dma-bufs on Thor alone (cuda.h of 13.0 says so); Orin goes by NvBufSurfaceImport and an EGL image, by our own declaration of the fields that are read. Block linear surfaces and planes in files of their own are not read. An engine that is swapped in and reads less costs a copy per picture until the camera connects anew.</p><p><strong>Tried and measured.</strong> docs/cameras.md.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0074-pictures-stay-in-device-memory.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0074PicturesStayInDeviceMemory = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0074PicturesStayInDeviceMemory as default
};
