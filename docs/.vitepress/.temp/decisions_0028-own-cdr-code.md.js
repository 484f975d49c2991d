import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"ROS 2 messages are read and written by our own code","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0028-own-cdr-code.md","filePath":"decisions/0028-own-cdr-code.md"}');
const _sfc_main = { name: "decisions/0028-own-cdr-code.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="ros-2-messages-are-read-and-written-by-our-own-code" tabindex="-1">ROS 2 messages are read and written by our own code <a class="header-anchor" href="#ros-2-messages-are-read-and-written-by-our-own-code" aria-label="Permalink to &quot;ROS 2 messages are read and written by our own code&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>c1aec30</code>.</p><p><strong>Context.</strong> @foxglove/rosmsg2-serialization knows every message from its definition. It would replace our readers and writers, at least of the rare messages.</p><p><strong>Decision.</strong> Own code, a reader and a writer per message. The library stays in the tests, as a second opinion on every message and service.</p><p><strong>Consequences.</strong> Limits are checked while reading, and an error names the field that is cut. A new message takes a reader, a writer, golden bytes and its definition in the oracle test.</p><p><strong>Tried and measured.</strong> Written 2 to 28 times slower by the library, read about the same. Its reader takes a length from the network on trust, its writer 3.5.0 cuts off texts that are not ASCII, and it would be 230 lines for 176 (docs/dependencies.md).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0028-own-cdr-code.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0028OwnCdrCode = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0028OwnCdrCode as default
};
