// The page itself: its head, its bar, its search and its keys.

function head() {
  const { name, started, outcome, error, took, here, predicted, unforetold, planned, costs } = data.run;
  const fact = (title, value, more) => value && html("div", { class: "fact" }, html("dt", {}, title), html("dd", {}, value, more && html("small", {}, more)));
  const count = data.calls.reduce((sum, call) => sum + call.count, 0);
  const refused = data.calls.reduce((sum, call) => sum + call.refused, 0);
  const retries = data.changes.reduce((sum, change) => sum + change.retries.length, 0);
  document.title = `${started?.stack ?? "sidekick"}: ${name}`;
  document.getElementById("head").append(
    html("div", { class: "title" },
      html("h1", {}, started?.stack ?? name),
      started && html("span", { class: "command" }, `sidekick ${started.command}`),
      html("span", { id: "outcome", class: `badge large ${outcome.tone}` }, html("b", { "aria-hidden": "true" }, outcome.symbol), ` ${outcome.words}`)),
    html("p", { class: "where" }, [
      started && `account ${started.account}`, started?.region, started?.sandbox && "sandbox", started?.at, `run ${name}`, started && `sidekick ${started.version}`,
    ].filter(Boolean).join("  ·  ")),
    html("dl", { class: "numbers" },
      fact("Took", took ?? "nothing", here && `${here} here`),
      fact("Predicted", predicted, unforetold ? `and ${unforetold} updates of unknown length` : ""),
      fact("Changes", String(data.changes.length), planned),
      fact("Calls", String(count), [refused ? `${refused} refused or lost` : "none refused", data.run.calls && `about ${data.run.calls} predicted`].filter(Boolean).join(", ")),
      fact("Retries", String(retries)),
      fact("Costs", costs, "a month, as configured")),
    error ? html("p", { class: "fault" }, error) : "");
}

/** The resources that a search finds: all words somewhere in their address or kind. */
function found(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const matches = ({ address, kind }) => words.every((word) => `${address} ${kind}`.toLowerCase().includes(word));
  return new Set(data.resources.filter(matches).map((resource) => resource.address));
}

/** Lets everything that is not found step back. */
function search(text) {
  const hits = found(text);
  for (const one of document.querySelectorAll("#timeline li, #plan li, .node")) {
    one.classList.toggle("missed", Boolean(hits) && !hits.has(one.dataset.address));
    one.classList.toggle("hit", Boolean(hits) && hits.has(one.dataset.address));
  }
  document.getElementById("picture")?.classList.toggle("searched", Boolean(hits));
  document.getElementById("found").textContent = hits ? `${hits.size} found` : "";
  return hits;
}

function scheme() {
  const button = document.getElementById("scheme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.scheme ?? (system.matches ? "dark" : "light")) === "dark";
  const name = () => { button.textContent = isDark() ? "☀ Light" : "☾ Dark"; };
  button.addEventListener("click", () => {
    document.documentElement.dataset.scheme = isDark() ? "light" : "dark";
    name();
  });
  system.addEventListener("change", name);
  name();
}

function keys(event) {
  const field = document.getElementById("search");
  if (event.key === "/" && document.activeElement !== field) {
    event.preventDefault();
    field.focus();
    field.select();
  } else if (event.key === "Escape" && document.activeElement === field && field.value) {
    field.value = "";
    search("");
  } else if (event.key === "Escape") {
    unselect();
  } else if (event.key === "Enter" && document.activeElement === field) {
    // Else the key would go on to what has the focus next, and close it.
    event.preventDefault();
    const [first] = search(field.value) ?? [];
    if (first) { centre(first); select(first, field); }
  }
}

head();
const main = document.getElementById("main");
main.append(...[failures(), timeline(), graph(), plan(), calls()].filter(Boolean));
document.getElementById("links").append(...[...main.children].map((one) => html("a", { href: `#${one.id}` }, one.querySelector("h2").textContent)));
document.getElementById("search").addEventListener("input", (event) => search(event.target.value));
document.addEventListener("keydown", keys);
scheme();
