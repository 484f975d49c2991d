import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Who needs a second person is a rule of the target, and goes by what a command changes","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0088-a-second-person-is-a-rule-of-the-target.md","filePath":"decisions/0088-a-second-person-is-a-rule-of-the-target.md"}');
const _sfc_main = { name: "decisions/0088-a-second-person-is-a-rule-of-the-target.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="who-needs-a-second-person-is-a-rule-of-the-target-and-goes-by-what-a-command-changes" tabindex="-1">Who needs a second person is a rule of the target, and goes by what a command changes <a class="header-anchor" href="#who-needs-a-second-person-is-a-rule-of-the-target-and-goes-by-what-a-command-changes" aria-label="Permalink to &quot;Who needs a second person is a rule of the target, and goes by what a command changes&quot;">​</a></h1><p>Area: access. Commit: <code>9a1a695</code>.</p><p><strong>Context.</strong> Approval was a field of the rollout&#39;s policy. Whoever waited for it made another rollout without the field, which superseded the first, or ordered by hand.</p><p><strong>Decision.</strong> A rule has a name and a target. The executor of commands looks at what a command writes, and not at how it is called: another desired state of a device that a rule has, a rule that a device loses (by labels, groups, deletion), a rule that is changed. Such a command is refused and kept as a question; somebody else approves it, and who asked sends it again. It has to do the same then, so a version that was pushed meanwhile is another question. To follow a version that was pushed is such a command too. Rollouts over such devices get <code>approval</code>, and give no order to one that came later where they have none. An admin may break the glass, which is audited and told as an error.</p><p><strong>Consequences.</strong> Every setting of such a device needs a second person, also a harmless one: a threshold can blind as well as a switch. Questions are in memory for a day; a controller that is started again is asked anew. An admin can make a token with another name for himself: tokens are in the audit log, and no more.</p><p><strong>Tried and measured.</strong> <code>test/hostile/second-person.test.ts</code>: eleven ways around it, each by one person.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0088-a-second-person-is-a-rule-of-the-target.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0088ASecondPersonIsARuleOfTheTarget = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0088ASecondPersonIsARuleOfTheTarget as default
};
