import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A controller serves agents of its own and of the previous minor version","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0081-own-and-previous-minor-version.md","filePath":"decisions/0081-own-and-previous-minor-version.md"}');
const _sfc_main = { name: "decisions/0081-own-and-previous-minor-version.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-controller-serves-agents-of-its-own-and-of-the-previous-minor-version" tabindex="-1">A controller serves agents of its own and of the previous minor version <a class="header-anchor" href="#a-controller-serves-agents-of-its-own-and-of-the-previous-minor-version" aria-label="Permalink to &quot;A controller serves agents of its own and of the previous minor version&quot;">​</a></h1><p>Area: wire. Commit: <code>1b1dcf8</code>.</p><p><strong>Context.</strong> Before 0.1.0 nothing was released, and still the code read payloads, databases and profiles of earlier checkouts: an optional field, a branch and a test for each. No device or controller needed them.</p><p><strong>Decision.</strong> There is no past before 0.1.0. From 0.1.0 on a controller serves agents of its own and of the previous minor version (0.2 serves 0.1 and 0.2), so update the controller first, then the devices. An agent needs a controller that is as new as itself. A field of a payload that comes in 0.2 is optional in 0.2 and may be required in 0.3; one that goes in 0.2 is still read in 0.2. The controller&#39;s database has one schema (version 1); a later version of the schema comes with a step from the version before, and a database of any other version is refused (<code>database-schema</code>).</p><p><strong>Consequences.</strong> What a release sends is recorded once: <code>npx tsx test/fixtures/protocol/record.ts 0.1.0</code> writes <code>test/fixtures/protocol/0.1.0</code>, and <code>test/unit/protocol/recorded.test.ts</code> reads it with today&#39;s code. A folder is never changed after its release, and is deleted with the release that no longer serves it.</p><p><strong>Tried and measured.</strong> The eight steps of the schema before this record had two tests, which took a new database apart to look like an old one. Rejected: a number of the protocol in the birth, which says that two sides differ and not what to do.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0081-own-and-previous-minor-version.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0081OwnAndPreviousMinorVersion = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0081OwnAndPreviousMinorVersion as default
};
