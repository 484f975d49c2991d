import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A full outbox gives up resolution before time span, and never events","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0021-thinning-before-dropping.md","filePath":"decisions/0021-thinning-before-dropping.md"}');
const _sfc_main = { name: "decisions/0021-thinning-before-dropping.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-full-outbox-gives-up-resolution-before-time-span-and-never-events" tabindex="-1">A full outbox gives up resolution before time span, and never events <a class="header-anchor" href="#a-full-outbox-gives-up-resolution-before-time-span-and-never-events" aria-label="Permalink to &quot;A full outbox gives up resolution before time span, and never events&quot;">​</a></h1><p>Area: wire. Commit: <code>4d483a3</code>.</p><p><strong>Context.</strong> A device that is offline for weeks fills any bound. Dropping the oldest metrics loses the time in which something happened.</p><p><strong>Decision.</strong> When it is full, every second batch of the older half is given up, as often as needed; the next batch says how many (<code>thinned</code>). Events go only when they are acknowledged; when events alone fill it a new one is refused and logged.</p><p><strong>Consequences.</strong> A week offline is seen as a coarse week. The controller does not take a thinned gap for a loss and asks for no rebirth.</p><p><strong>Tried and measured.</strong> The invariants of <code>OutboxIndex</code> are fuzzed with sequences of entries and acknowledgements.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0021-thinning-before-dropping.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0021ThinningBeforeDropping = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0021ThinningBeforeDropping as default
};
