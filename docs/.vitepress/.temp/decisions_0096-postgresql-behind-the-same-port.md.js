import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A larger fleet is stored in PostgreSQL, as the same blocks","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0096-postgresql-behind-the-same-port.md","filePath":"decisions/0096-postgresql-behind-the-same-port.md"}');
const _sfc_main = { name: "decisions/0096-postgresql-behind-the-same-port.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-larger-fleet-is-stored-in-postgresql-as-the-same-blocks" tabindex="-1">A larger fleet is stored in PostgreSQL, as the same blocks <a class="header-anchor" href="#a-larger-fleet-is-stored-in-postgresql-as-the-same-blocks" aria-label="Permalink to &quot;A larger fleet is stored in PostgreSQL, as the same blocks&quot;">​</a></h1><p>Area: controller. Commit: <code>9b53f26</code>.</p><p><strong>Context.</strong> One controller on SQLite keeps 20,000 devices on one core. When its machine dies there is nothing. Operators run PostgreSQL already; Debian&#39;s TimescaleDB lacks compression and continuous aggregates, which miss late data anyway.</p><p><strong>Decision.</strong> SQLite stays the default. Plain PostgreSQL, 15 or later, stands behind the same port <code>Store</code> and passes the same contract. It holds the blocks of <a href="./0023-samples-in-blocks.html">0023</a>: one row for each device and batch (all its series, 10 s by default), and for each device and minute or hour. A commit is nine statements, whatever it holds: arrays through <code>unnest</code>, and all blocks as one binary parameter that the server cuts apart. Partitions by time are dropped whole (raw: 6 h of arrival; minutes: a day; hours: 30 days); times that none has, of devices with a wrong clock, go to a default partition.</p><p><strong>Consequences.</strong> A device that floods is held by the quotas, but no longer pays with its own history first. A migration copies blocks as they are and compares both sides. Roll-ups are not updated in place (HOT) but in new rows, which autovacuum takes.</p><p><strong>Tried and measured.</strong> On a shared server with two cores at a load of 24 to 28, 2,000 devices with 60 values at 1 Hz in one run, alternating: 3.25 and 3.73 µs of processor time for each sample on SQLite; 3.63 and 3.56 µs on PostgreSQL 17.12, of which the server had 0.29 and 0.25, with what is committed synced. Before, each roll-up was read again for its update (4,000 devices: 2.15 and 3.66 beside 4.02 and 5.65 µs); the one who writes keeps the newest in memory now. COPY was not tried: an array of <code>bytea</code> travels as hexadecimal text, the single parameter as it is. <code>node --import tsx test/bench/controller-ingest.ts</code>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0096-postgresql-behind-the-same-port.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0096PostgresqlBehindTheSamePort = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0096PostgresqlBehindTheSamePort as default
};
