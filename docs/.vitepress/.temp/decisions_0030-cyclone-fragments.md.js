import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Cyclone cuts pictures in pieces of 64 kB and asks for a lost one after 10 ms","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0030-cyclone-fragments.md","filePath":"decisions/0030-cyclone-fragments.md"}');
const _sfc_main = { name: "decisions/0030-cyclone-fragments.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="cyclone-cuts-pictures-in-pieces-of-64-kb-and-asks-for-a-lost-one-after-10-ms" tabindex="-1">Cyclone cuts pictures in pieces of 64 kB and asks for a lost one after 10 ms <a class="header-anchor" href="#cyclone-cuts-pictures-in-pieces-of-64-kb-and-asks-for-a-lost-one-after-10-ms" aria-label="Permalink to &quot;Cyclone cuts pictures in pieces of 64 kB and asks for a lost one after 10 ms&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>b3ebd83</code>.</p><p><strong>Context.</strong> As it comes, Cyclone cuts a picture of 1080p in 4600 pieces and asks for a lost one after 100 ms, which is three frames.</p><p><strong>Decision.</strong> Goshawk sets both for its own participant, and <code>deploy/ros2/cyclonedds.xml</code> has them for the camera&#39;s node.</p><p><strong>Consequences.</strong> A reliable camera at 30 Hz arrives whole. <code>CYCLONEDDS_URI</code> has the last word.</p><p><strong>Tried and measured.</strong> Of 150 pictures arrived: 113 with 64 kB datagrams alone, 127 with 10 ms, 147 with pieces of 64 kB, 150 with both.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0030-cyclone-fragments.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0030CycloneFragments = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0030CycloneFragments as default
};
