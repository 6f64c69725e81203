// The details of one resource, beside everything else.

/** What was focused before the details were opened. */
let opener = null;

/** Opens the details of a resource. */
function select(address, from) {
  const resource = resources.get(address);
  if (!resource) return;
  opener = from ?? opener;
  const panel = document.getElementById("details");
  const close = html("button", { type: "button", class: "close", "aria-label": "Close the details", onclick: unselect }, "✕");
  panel.replaceChildren(
    html("header", {}, html("h2", { tabindex: "-1" }, address), close),
    facts(resource), ...parts(resource));
  panel.hidden = false;
  document.body.classList.add("with-details");
  mark(address);
  panel.scrollTop = 0;
  close.focus({ preventScroll: true });
}

/** Closes them; the focus goes back to where it was. */
function unselect() {
  const panel = document.getElementById("details");
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("with-details");
  mark(null);
  if (opener?.isConnected) opener.focus({ preventScroll: true });
  opener = null;
}

/** Marks a resource wherever it stands. */
function mark(address) {
  for (const one of document.querySelectorAll("#timeline li, #plan li")) {
    one.classList.toggle("selected", one.dataset.address === address);
  }
  highlight(address);
}

function facts({ address, kind, id, step }) {
  const changes = data.changes.filter((change) => change.address === address);
  const times = changes.map((change) => {
    const end = change.ends === null ? "no end" : `${change.failed ? "failed" : "done"} at ${clock(change.ends)} after ${spoken(change.ends - change.starts)}`;
    const answered = change.accepted === null ? "" : `, answered at ${clock(change.accepted)}`;
    return html("dd", {}, `${change.action} from ${clock(change.starts)}${answered}, ${end}`,
      change.critical && html("div", { class: "critical-words" }, html("b", {}, "◆ "), "on the critical path"),
      change.foretold && html("div", { class: "hint" }, `predicted from ${clock(change.foretold[0])} to ${clock(change.foretold[1])}`));
  });
  return html("dl", { class: "facts" },
    html("dt", {}, "Kind"), html("dd", {}, html("code", {}, kind)),
    id && [html("dt", {}, "Identity"), html("dd", {}, html("code", {}, id))],
    step && [html("dt", {}, "Plan"), html("dd", {}, badge(step.tone, step.symbol, step.words), step.because && html("div", { class: "hint" }, step.because))],
    times.length ? [html("dt", {}, "Times"), times] : null,
    step?.notice && [html("dt", {}, "Note"), html("dd", {}, step.notice)]);
}

function parts({ step, needs, dependents, happened, calls: made }) {
  const part = (title, content) => content && html("section", {}, html("h3", {}, title), content);
  const list = (addresses) => addresses.length ? html("ul", { class: "addresses" }, addresses.map((address) => html("li", {}, link(address)))) : null;
  return [
    part("Differences", step && fields(step)),
    part("Fields", step && step.made.length ? values(step.made) : null),
    part("What happened", happened.length ? html("ol", { class: "happened" }, happened.map(([at, what]) =>
      html("li", { class: what.tone }, html("time", {}, clock(at)), html("div", {}, what.words, what.fault && told(what.fault))))) : null),
    part(`Needs ${needs.length}`, list(needs)),
    part(`Needed by ${dependents.length}`, list(dependents)),
    part(`Calls ${made.length}`, made.length ? html("ol", { class: "made" }, made.map((call) =>
      html("li", {}, html("time", {}, call.at < 0 ? "before" : clock(call.at)),
        html("div", {}, html("b", {}, call.operation), ` ${spoken(call.took)} `,
          badge(call.refused ? "bad" : "calm", call.refused ? "✗" : "✓", call.status ?? "no answer"),
          call.request && html("code", {}, call.request))))) : null),
  ].filter(Boolean);
}
