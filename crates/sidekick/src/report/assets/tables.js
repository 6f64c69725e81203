// What was planned, what was called, and what failed.

function plan() {
  const planned = data.plan.map((address) => resources.get(address));
  const steps = planned.filter((resource) => resource.step.changes_something);
  const rest = planned.length - steps.length;
  const list = html("ul", { class: "steps" }, steps.map(({ address, kind, step }) =>
    html("li", { "data-address": address },
      html("div", { class: "step-head" }, badge(step.tone, step.symbol, step.words), link(address), html("span", { class: "kind" }, kind), step.because && html("span", { class: "why" }, step.because)),
      fields(step))));
  return section("plan", "Plan",
    html("p", { class: "hint" }, `${data.run.planned ?? "No changes"}${rest ? `; ${rest} unchanged` : ""}.`),
    (data.run.disruptions ?? []).map(({ address, words }) => html("p", { class: "disruption" }, badge("change", "!", "disrupts"), link(address), words)),
    list);
}

/** The fields that differ, old and new. */
function fields(step) {
  if (!step.changes.length) return null;
  const side = (name, sign, text) => text !== null && html(name, {}, html("span", { "aria-hidden": "true" }, `${sign} `), text);
  return html("table", { class: "fields" }, html("tbody", {}, step.changes.map(({ field, old, new: next, replaces, outside }) =>
    html("tr", {},
      html("th", { scope: "row" }, field),
      html("td", {}, side("del", "-", old) || "", side("ins", "+", next) || "", replaces && html("em", {}, "forces the replacement"), outside && html("em", {}, "changed outside of sidekick"))))));
}

/** The fields of what was to be made. */
function values(all) {
  return html("table", { class: "fields" }, html("tbody", {}, all.map(([field, value]) =>
    html("tr", {}, html("th", { scope: "row" }, field), html("td", {}, value)))));
}

function calls() {
  const all = data.calls.reduce((sum, call) => sum + call.count, 0);
  const refused = data.calls.reduce((sum, call) => sum + call.refused, 0);
  const head = ["Operation", "Calls", "Refused or lost", "On average"];
  const most = Math.max(...data.calls.map((call) => call.count), 1);
  const line = ({ operation, count, refused: bad, seconds }) => html("tr", {},
    html("th", { scope: "row" }, operation),
    html("td", { class: "number" }, place(html("span", { class: "share", "aria-hidden": "true" }), { width: `${(count / most) * 100}%` }), html("span", {}, count)),
    html("td", { class: "number" }, bad ? badge("bad", "✗", bad) : ""),
    html("td", { class: "number" }, spoken(seconds / count)));
  return section("calls", "Calls",
    html("p", { class: "hint" }, `${all} calls, ${refused} of them refused or lost. Times are the cloud's.`),
    html("table", { class: "operations" },
      html("thead", {}, html("tr", {}, head.map((words) => html("th", { scope: "col" }, words)))),
      html("tbody", {}, data.calls.map(line))));
}

/** Nothing if nothing failed. */
function failures() {
  const { failed, skipped } = data.failures;
  const { error, unanswered } = data.run;
  if (!failed.length && !skipped.length && !error && !unanswered?.length) return null;
  return section("failures", "Failures",
    error && html("p", { class: "fault" }, `It ended before its first change: ${error}`),
    failed.map(({ address, fault }) => html("div", { class: "failure" }, html("h3", {}, badge("bad", "✗", "failed"), link(address)), told(fault))),
    skipped.length ? html("ul", { class: "skipped" }, skipped.map(({ address, because }) => html("li", {}, badge("bad", "⊘", "skipped"), link(address), " because of ", link(because)))) : null,
    unanswered?.length ? html("p", {}, "AWS has not answered about ", unanswered.map((address) => link(address)), "; the next run finds out.") : null);
}

/** What was said of a failure, and what to do about it. */
function told({ words, hint }) {
  return html("div", { class: "fault" }, html("p", { class: "words" }, words), hint && html("p", { class: "advice" }, html("b", {}, "Hint "), hint));
}
