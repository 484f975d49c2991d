import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Upgrade","description":"","frontmatter":{},"headers":[],"relativePath":"upgrade.md","filePath":"upgrade.md"}');
const _sfc_main = { name: "upgrade.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="upgrade" tabindex="-1">Upgrade <a class="header-anchor" href="#upgrade" aria-label="Permalink to &quot;Upgrade&quot;">​</a></h1><p>Read the <span>changelog</span> of the new version first.</p><ol><li><strong>Back up the controller</strong>, while it runs: <code>goshawk controller backup --config /etc/goshawk/controller.json --to backup/</code> (<a href="./controller-database.html">Database and backup</a>).</li><li><strong>Upgrade the controller</strong>: <code>sudo apt install ./goshawk-controller_NEW_amd64.deb</code>. Its settings and its data stay.</li><li><strong>Upgrade one device</strong>: <code>sudo apt install ./goshawk-agent_NEW_arm64.deb</code>, and look at it in the dashboard.</li><li><strong>Upgrade the fleet</strong>, in waves that stop at a bad version: <a href="./updates.html">Update agents</a>.</li></ol><p>A controller serves agents of its own minor version and of the one before. So upgrade the controller first, and never skip a minor version on a fleet that you cannot reach.</p><h2 id="go-back" tabindex="-1">Go back <a class="header-anchor" href="#go-back" aria-label="Permalink to &quot;Go back&quot;">​</a></h2><p>Packages refuse a downgrade, because an older version may not read newer state. If you must, restore the backup of step 1 (<code>goshawk controller restore</code>), then:</p><pre><code>sudo GOSHAWK_ALLOW_DOWNGRADE=1 dpkg -i goshawk-controller_OLD_amd64.deb
</code></pre><p>Agents that a rollout updated go back by themselves when the new version fails; you can order it with <code>goshawk rollout rollback NAME</code>.</p><h2 id="what-is-checked" tabindex="-1">What is checked <a class="header-anchor" href="#what-is-checked" aria-label="Permalink to &quot;What is checked&quot;">​</a></h2><p>Upgrade, downgrade and removal of both packages are tested in clean Debian 12 and 13 systems with running services (<a href="./packages.html">Packages</a>).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("upgrade.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const upgrade = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  upgrade as default
};
