import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Who writes to PostgreSQL holds the lock by the same session","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0099-who-writes-holds-the-lock.md","filePath":"decisions/0099-who-writes-holds-the-lock.md"}');
const _sfc_main = { name: "decisions/0099-who-writes-holds-the-lock.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="who-writes-to-postgresql-holds-the-lock-by-the-same-session" tabindex="-1">Who writes to PostgreSQL holds the lock by the same session <a class="header-anchor" href="#who-writes-to-postgresql-holds-the-lock-by-the-same-session" aria-label="Permalink to &quot;Who writes to PostgreSQL holds the lock by the same session&quot;">​</a></h1><p>Area: controller. Commit: <code>9b53f26</code>.</p><p><strong>Context.</strong> Two controllers on one database would each take orders and acknowledge devices. A controller that was stopped or cut off must do no harm when it comes back, and a lost connection must not leave a commit in doubt.</p><p><strong>Decision.</strong> An advisory lock, and everything is written through the session that holds it: who lost the lock can commit nothing. <code>idle_session_timeout</code> (15 s, the leader pings every 3 s) ends the session of a leader that was stopped or cut off, without a lease of ours. Each leader counts <code>state.leader</code> up, and each transaction looks for its own number: who comes back to a higher one has an old memory, and ends. A transaction asks for its number first; where the connection goes during COMMIT, <code>pg_xact_status</code> says in a new session what became of it.</p><p><strong>Consequences.</strong> A second controller stands by and takes over, after 1 s where the first died and 15 to 20 s where it hangs. It does not share the work: several at once need a part of each roll-up for each writer, merged when they are read, and SSE by LISTEN/NOTIFY. Neither exists. pgbouncer in transaction mode can&#39;t stand between, since the lock belongs to a session.</p><p><strong>Tried and measured.</strong> PostgreSQL killed twice and restarted once, the leader killed, the next stopped (SIGSTOP) and woken up after a third had taken over, under 10 devices that send again what is not acknowledged: no event and no batch lost or doubled.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0099-who-writes-holds-the-lock.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0099WhoWritesHoldsTheLock = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0099WhoWritesHoldsTheLock as default
};
