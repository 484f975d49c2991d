import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Owner and director have a root each, signed by the same people at once","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0058-two-roots-one-ceremony.md","filePath":"decisions/0058-two-roots-one-ceremony.md"}');
const _sfc_main = { name: "decisions/0058-two-roots-one-ceremony.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="owner-and-director-have-a-root-each-signed-by-the-same-people-at-once" tabindex="-1">Owner and director have a root each, signed by the same people at once <a class="header-anchor" href="#owner-and-director-have-a-root-each-signed-by-the-same-people-at-once" aria-label="Permalink to &quot;Owner and director have a root each, signed by the same people at once&quot;">​</a></h1><p>Area: models. Commit: <code>8a9547c</code>.</p><p><strong>Context.</strong> Uptane has two repositories: images, signed offline, and a director that says who runs what, signed online. Two ceremonies would be one too many for a fleet of twenty devices.</p><p><strong>Decision.</strong> <code>goshawk keys</code> makes both roots from one list of keys, and every signature is given to both. The owner&#39;s root names two of three offline keys for targets, the director&#39;s the controller&#39;s key. Snapshot and timestamp of both are signed by that key. The director&#39;s metadata is made when a device asks for it: 10,000 devices need no 30,000 files that are renewed every day. Its versions are the seconds of the clock, and never less than one that was used before.</p><p>Versions of a model may share a release, and do by default. A counter that grew with every version would make each ordinary way back, which rollouts take by themselves, a matter of two people with offline keys.</p><p>A device takes a root that comes with its membership only where what runs on it is signed. Else the next start would find nothing that it may run.</p><p><strong>Consequences.</strong> Who has the controller&#39;s key can order among all signed models of a release. Two file names less to explain: there is one file, <code>fleet-trust.json</code>, and no folder layout. The older of two roots needs the older of two keys, so devices that were off for long walk along every root in between.</p><p><strong>Tried and measured.</strong> Fast-forward by a thief of the online key, and the way out of it by a new root, in <code>test/unit/agent/trust/attacks.test.ts</code>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0058-two-roots-one-ceremony.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0058TwoRootsOneCeremony = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0058TwoRootsOneCeremony as default
};
