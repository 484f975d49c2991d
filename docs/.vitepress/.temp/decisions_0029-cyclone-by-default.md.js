import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Cyclone DDS by default; Fast DDS only by name, and we look ourselves whether a picture is whole","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0029-cyclone-by-default.md","filePath":"decisions/0029-cyclone-by-default.md"}');
const _sfc_main = { name: "decisions/0029-cyclone-by-default.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="cyclone-dds-by-default-fast-dds-only-by-name-and-we-look-ourselves-whether-a-picture-is-whole" tabindex="-1">Cyclone DDS by default; Fast DDS only by name, and we look ourselves whether a picture is whole <a class="header-anchor" href="#cyclone-dds-by-default-fast-dds-only-by-name-and-we-look-ourselves-whether-a-picture-is-whole" aria-label="Permalink to &quot;Cyclone DDS by default; Fast DDS only by name, and we look ourselves whether a picture is whole&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>9698e44</code>.</p><p><strong>Context.</strong> Fast DDS 3 on both ends shares memory and saves a third of the CPU. But releases up to Jazzy have Fast DDS 2, which shares no memory with 3 and still announces it.</p><p><strong>Decision.</strong> <code>auto</code> takes <code>dds</code> (Cyclone) where its addon is built, else <code>rclnodejs</code>; <code>fastdds</code> has to be asked for. Its listener asks every message whether all of its fragments came (2937d4f).</p><p><strong>Consequences.</strong> The default works with every node of ROS. Who has Fast DDS 3 on both ends gains a millisecond by one word in the settings. That question seems redundant; without it a torn picture goes to the model.</p><p><strong>Tried and measured.</strong> One picture of 300 came torn: Fast DDS 3.1.2 to 3.6.2 announces a message that its writer gave up half-way (<code>StatefulReader::process_gap_msg</code>). <code>incomplete.test.ts</code> forges that GAP. No node of ROS itself was tried with <code>fastdds</code>.</p><p>Changed on 27 November 2026: clients of another middleware get no answer from our services, which is worse than a copy. <code>auto</code> takes what <code>RMW_IMPLEMENTATION</code>, the ROS 2 of the machine or the neighbours speak (docs/ros2.md); without any of them it is Cyclone still.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0029-cyclone-by-default.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0029CycloneByDefault = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0029CycloneByDefault as default
};
