import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The controller resolves version policies; devices get digests","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0053-controller-resolves-versions.md","filePath":"decisions/0053-controller-resolves-versions.md"}');
const _sfc_main = { name: "decisions/0053-controller-resolves-versions.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-controller-resolves-version-policies-devices-get-digests" tabindex="-1">The controller resolves version policies; devices get digests <a class="header-anchor" href="#the-controller-resolves-version-policies-devices-get-digests" aria-label="Permalink to &quot;The controller resolves version policies; devices get digests&quot;">​</a></h1><p>Area: fleet. Commit: <code>910acb8</code>.</p><p><strong>Context.</strong> People want to say <code>^1.2</code> or <code>latest</code>. Somebody has to turn that into a bundle: the command line, the device, or the controller.</p><p><strong>Decision.</strong> The controller, at the order and when a bundle becomes complete. What it stores is always a digest with the policy that led to it; each move is a command of the caller <code>system</code> with an audit entry, a new order and a generation. A plain name stays what it was: the newest upload as of now. <code>pinned</code> is a mark on a policy and not a policy, so that unpinning knows what to follow. Versions are compared by the package <code>semver</code>; <code>1</code> and <code>1.2</code> are read as <code>1.0.0</code> and <code>1.2.0</code>, and a version that is none of SemVer fits no range.</p><p><strong>Consequences.</strong> A device takes nothing whose bytes are not what a digest says, and behaves the same offline. Two devices of one group can&#39;t resolve differently. A push can move a fleet at once: who does not want that names a version or pins. Deleting a bundle moves nothing back.</p><p><strong>Tried and measured.</strong> <code>test/unit/controller/models/version-policy.test.ts</code>, <code>test/unit/controller/desired/slots.test.ts</code>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0053-controller-resolves-versions.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0053ControllerResolvesVersions = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0053ControllerResolvesVersions as default
};
