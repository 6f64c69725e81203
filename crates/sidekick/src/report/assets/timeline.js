// The timeline: a row for each change, in the order in which they started.

/** What a change is called, and its symbol. */
const ACTIONS = { create: ["+", "good"], update: ["~", "change"], delete: ["-", "bad"] };

function timeline() {
  if (!data.changes.length) return section("timeline", "Timeline", html("p", { class: "empty" }, "Nothing was changed."));
  const end = Math.max(data.run.ends ?? 0, ...data.changes.flatMap((change) => [change.ends ?? 0, change.foretold?.[1] ?? 0]), 1);
  const at = (seconds) => `${(Math.min(Math.max(seconds, 0), end) / end) * 100}%`;
  const rows = data.changes.map((change) => row(change, at, end));
  const list = html("ol", { class: "rows" }, rows);
  const enter = roving(list, () => [...list.querySelectorAll(".row")]);
  const onlyCritical = html("input", { type: "checkbox", id: "only-critical", onchange: (event) => {
    list.classList.toggle("only-critical", event.target.checked);
    rows.forEach((item, at) => { item.hidden = event.target.checked && !data.changes[at].critical; });
    const first = list.querySelector("li:not([hidden]) .row");
    if (first) enter(first);
  } });
  return section("timeline", "Timeline",
    criticalWords(),
    html("div", { class: "tools" }, legend(), html("label", { class: "check" }, onlyCritical, "Only the critical path")),
    html("div", { class: "chart" }, axis(at, end), list));
}

/** The critical path in one line, each resource with the time that it alone accounts for. */
function criticalWords() {
  const path = data.changes.filter((change) => change.critical);
  const steps = path.flatMap((change, nth) => {
    const until = change.until ?? change.ends ?? data.run.ends;
    const step = html("span", { class: "step" }, link(change.address), ` ${spoken(until - change.starts)}`);
    return nth ? [html("span", { class: "then" }, "→"), step] : [step];
  });
  return html("p", { class: "critical-words" }, html("b", {}, "◆ Critical path "), steps);
}

/** Round times for the axis. */
function ticks(end) {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((size) => end / size <= 10) ?? 7200;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, nth) => nth * step);
}

function axis(at, end) {
  const marks = ticks(end).map((seconds) => place(html("span", { class: "tick" }, clock(seconds)), { left: at(seconds) }));
  return html("div", { class: "axis", "aria-hidden": "true" }, html("span", {}), html("div", { class: "track" }, marks));
}

/** Puts an element somewhere; style attributes are forbidden to markup, but not to us. */
function place(element, style) {
  Object.assign(element.style, style);
  return element;
}

function row(change, at, end) {
  const [symbol, tone] = ACTIONS[change.action];
  const last = change.ends ?? data.run.ends ?? end;
  const answered = change.accepted ?? last;
  const phase = (kind, from, to, title) =>
    place(html("span", { class: `phase ${kind}`, title }), { left: at(from), width: `calc(${at(Math.max(to - from, 0))} + 1px)` });
  const parts = [
    change.foretold && phase("foretold", change.foretold[0], change.foretold[1], "predicted"),
    phase("waits", 0, change.starts, "waits for what it needs"),
    phase(change.accepted === null ? "works" : "calls", change.starts, answered, change.accepted === null ? "at work" : "until its call is answered"),
    change.accepted !== null && phase("works", change.accepted, last, "AWS is at work"),
    change.ends !== null && !change.failed && change.action !== "delete" && phase("ready", last, data.run.ends ?? end, "ready"),
    change.critical && phase("counts", change.starts, change.until ?? last, "the run waited for this"),
  ];
  const resource = resources.get(change.address);
  const ours = (call) => call.at >= change.starts && call.at <= last + 0.5;
  const dots = (resource?.calls ?? []).filter(ours).map((call) =>
    place(html("i", { class: call.refused ? "dot refused" : "dot", title: `${call.operation} at ${clock(call.at)}` }), { left: at(call.at) }));
  const retries = change.retries.map((seconds) => place(html("i", { class: "retry", title: `tried again at ${clock(seconds)}` }), { left: at(seconds) }));
  const took = spoken(last - change.starts);
  const label = place(html("span", { class: "end" }, change.ends === null ? "… no end" : change.failed ? `✗ ${took}` : took), { left: `calc(${at(last)} + 6px)` });
  const told = [
    change.address, change.action, `from ${clock(change.starts)}`,
    change.ends === null ? "without an end" : `to ${clock(change.ends)}`,
    change.failed ? "failed" : "", change.critical ? "on the critical path" : "",
    change.retries.length ? `${change.retries.length} retries` : "",
  ].filter(Boolean).join(", ");
  return html("li", { "data-address": change.address },
    html("button", { type: "button", class: `row ${tone}${change.critical ? " critical" : ""}${change.failed ? " failed" : ""}`, "aria-label": told, onclick: (event) => select(change.address, event.currentTarget) },
      html("span", { class: "name" },
        html("b", { class: "diamond" }, change.critical ? "◆" : ""), html("b", { class: "symbol" }, change.failed ? "✗" : symbol), html("span", {}, change.address)),
      html("span", { class: "track" }, parts.filter(Boolean), dots, retries, label)));
}

function legend() {
  const entry = (kind, words) => html("span", { class: "entry" }, html("span", { class: `sample ${kind}` }), words);
  return html("div", { class: "legend" },
    entry("waits", "waits for its needs"), entry("calls", "create called"), entry("works", "AWS at work"), entry("ready", "ready"),
    entry("foretold", "predicted"), entry("sample-dot", "call"), entry("sample-refused", "refused call"), entry("sample-retry", "retry"), entry("critical", "◆ critical path"),
    html("span", { class: "entry" }, "+ create   ~ update   - delete   ✗ failed"));
}
