import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A family of networks is a record in the bundle","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0090-a-family-is-a-record-in-the-bundle.md","filePath":"decisions/0090-a-family-is-a-record-in-the-bundle.md"}');
const _sfc_main = { name: "decisions/0090-a-family-is-a-record-in-the-bundle.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-family-of-networks-is-a-record-in-the-bundle" tabindex="-1">A family of networks is a record in the bundle <a class="header-anchor" href="#a-family-of-networks-is-a-record-in-the-bundle" aria-label="Permalink to &quot;A family of networks is a record in the bundle&quot;">​</a></h1><p>Area: models. Commit: <code>57973a9</code>.</p><p><strong>Context.</strong> A decoder was code: a new family cost 10 to 11 source files in TypeScript and C++, and a device without that code could not run the network until its package was updated. Seven families were read, and 17 of 24 networks that people brought were refused.</p><p><strong>Decision.</strong> The manifest&#39;s <code>output</code> says how the head writes its values: which tensors, where a row has its box, scores and class, in which format and unit, with which activations, on which grid. One interpreter in TypeScript and one in C++ read every record. A family is an entry of a table that import uses: how it was trained, and a function from the network&#39;s shapes to the record. Its name in the bundle is for people; nothing is looked up by it on a device.</p><p><strong>Consequences.</strong> A device runs families that are newer than itself. A record comes from outside, so it is checked as any input: it must not point beyond its outputs, and shapes are compared on every run. A formula that the record can&#39;t say still needs both interpreters. Import finds out the family by shapes and names; where several fit, the network&#39;s answers on pictures decide.</p><p><strong>Tried and measured.</strong> 83 forms of networks (58 read, 25 refused by name) against formulas of their authors in numpy, within 1e-4: both interpreters agree with it on all 58. The comparison found an anchor of UltraFace that was not bounded by the picture. A small program in the bundle (an expression language, or a part of the ONNX graph for decoding) was thought through and left: it says more, and can&#39;t be checked before it runs.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0090-a-family-is-a-record-in-the-bundle.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0090AFamilyIsARecordInTheBundle = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0090AFamilyIsARecordInTheBundle as default
};
