import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Know what runs on your devices","description":"","frontmatter":{},"headers":[],"relativePath":"supply-chain.md","filePath":"supply-chain.md"}');
const _sfc_main = { name: "supply-chain.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="know-what-runs-on-your-devices" tabindex="-1">Know what runs on your devices <a class="header-anchor" href="#know-what-runs-on-your-devices" aria-label="Permalink to &quot;Know what runs on your devices&quot;">​</a></h1><h2 id="the-list-of-parts" tabindex="-1">The list of parts <a class="header-anchor" href="#the-list-of-parts" aria-label="Permalink to &quot;The list of parts&quot;">​</a></h2><p>Each Debian package has an SBOM (CycloneDX 1.6): Node, ONNX Runtime, the libraries in libvips, and every npm package in it, with version, licence and package URL.</p><pre><code>jq -r &#39;.components[].purl&#39; /usr/lib/goshawk-agent/share/sbom.cdx.json
</code></pre><p><code>goshawk image build</code> writes one beside the image, <code>IMAGE.cdx.json</code>, with Debian&#39;s packages, the agent&#39;s parts and the model. For an installation by npm, npm makes one: <code>npm sbom --omit dev --sbom-format cyclonedx</code>.</p><h2 id="devices-with-a-known-vulnerability" tabindex="-1">Devices with a known vulnerability <a class="header-anchor" href="#devices-with-a-known-vulnerability" aria-label="Permalink to &quot;Devices with a known vulnerability&quot;">​</a></h2><p>Fetch advisories where you have a network: OSV gives away one archive for each ecosystem (<code>npm/all.zip</code>, <code>Debian/all.zip</code>). Unpack them into a folder, carry it to where you reach the controller, and ask:</p><pre><code>goshawk device vulnerabilities --osv osv/ --sbom sbom-0.1.0.cdx.json --sbom sbom-0.2.0.cdx.json
</code></pre><p>Give the SBOM of each version that your devices run; <code>--sbom</code> takes that of an image too, with Debian&#39;s packages. Devices of another version are listed as not checked. The exit status is 1 if a device has a known vulnerability or was not checked, so a nightly job can tell you. Nothing is sent anywhere: the controller is asked for its devices alone.</p><ul><li>npm&#39;s packages are compared by semantic versions, Debian&#39;s by Debian&#39;s order, others by the versions that an advisory lists.</li><li>A part that an advisory names is not always used in the way that it needs. Look at the advisory.</li><li>Node and ONNX Runtime have no ecosystem in OSV: read their own announcements.</li></ul><h2 id="the-same-bytes" tabindex="-1">The same bytes <a class="header-anchor" href="#the-same-bytes" aria-label="Permalink to &quot;The same bytes&quot;">​</a></h2><p>A package has the same bytes from every build of one commit with the same compiler: compare yours with the one that you got.</p><pre><code>SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) npm run package -- --arch amd64
sha256sum build/packages/*.deb
</code></pre><p>A test builds the agent&#39;s package twice on one machine and compares; two clones in two folders gave the same bytes too. Another compiler gives other native parts, and so other bytes.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("supply-chain.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const supplyChain = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  supplyChain as default
};
