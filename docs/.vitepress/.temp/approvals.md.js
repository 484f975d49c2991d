import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Require a second person","description":"","frontmatter":{},"headers":[],"relativePath":"approvals.md","filePath":"approvals.md"}');
const _sfc_main = { name: "approvals.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="require-a-second-person" tabindex="-1">Require a second person <a class="header-anchor" href="#require-a-second-person" aria-label="Permalink to &quot;Require a second person&quot;">​</a></h1><p>An approval rule names devices, groups, boards or labels. Changes to these devices then need two people.</p><pre><code>goshawk approval rules --set clinic --labels site=clinic     # as an admin
goshawk approval list
goshawk approval approve 1f2e3d4c                            # as a second person
goshawk approval refuse 1f2e3d4c                             # the change is not made
goshawk approval break-glass 1f2e3d4c --reason &quot;it sees nothing&quot;
</code></pre><ul><li><strong>Rollouts</strong> wait for approval, whatever their policy says. A rollout without an approval leaves out a device that a rule covers only later.</li><li><strong>Direct changes</strong> are refused with <code>approval-needed</code>: an order by hand, a setting, a deletion, a label or group that would take the device out of the rule, and a newer version that the device would follow. A person with another token and another name approves the change within a day. Then you send it again, once. It must have the same effect: if a newer version was pushed in between, you need a new approval.</li><li><strong>Rules:</strong> changing or removing one needs a second person. Adding one does not.</li><li><strong>Emergencies:</strong> an admin can break the glass. This is recorded in the audit log and as an event of severity error, and has an alert rule from the start.</li></ul><p>Operators and admins see pending changes on the page <em>Rollouts</em> of the dashboard and decide there. Pending and approved changes survive a restart of the controller.</p><p>An admin could create a second token with another name. The audit log shows that; Goshawk does not prevent it.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("approvals.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const approvals = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  approvals as default
};
