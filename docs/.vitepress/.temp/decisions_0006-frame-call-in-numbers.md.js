import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The call of a frame crosses into C++ as numbers","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0006-frame-call-in-numbers.md","filePath":"decisions/0006-frame-call-in-numbers.md"}');
const _sfc_main = { name: "decisions/0006-frame-call-in-numbers.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-call-of-a-frame-crosses-into-c-as-numbers" tabindex="-1">The call of a frame crosses into C++ as numbers <a class="header-anchor" href="#the-call-of-a-frame-crosses-into-c-as-numbers" aria-label="Permalink to &quot;The call of a frame crosses into C++ as numbers&quot;">​</a></h1><p>Area: data plane. Commit: <code>c748453</code>.</p><p><strong>Context.</strong> An object with named properties is the natural argument of <code>submit</code>. Each name is a look-up through Node-API, for every frame.</p><p><strong>Decision.</strong> <code>native/frame-call.ts</code> writes the frame&#39;s header and settings into one <code>Float64Array</code>, and the addon reads them by position. What the addon refuses is still said in words.</p><p><strong>Consequences.</strong> The two lists of positions have to stay equal; <code>frame-call.test.ts</code> compares every position. It looks old-fashioned and is on purpose.</p><p><strong>Tried and measured.</strong> CPU of the JavaScript thread per frame went from 206 to 165 us, together with a watch of time-outs that is no longer woken for every frame (fc2798c).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0006-frame-call-in-numbers.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0006FrameCallInNumbers = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0006FrameCallInNumbers as default
};
