// The dependency graph: laid out beforehand, moved and searched here.

/** How the drawing is moved: its place and its size. */
const view = { x: 0, y: 0, size: 1 };
const LIMITS = [0.15, 3];

function graph() {
  if (!data.graph) return section("graph", "Dependencies", html("p", { class: "empty" }, "The run ended before it had a plan."));
  const { width, height, bands, nodes, arrows } = data.graph;
  const canvas = drawn("g", { id: "canvas" },
    bands.map(([name, y, tall]) => [
      drawn("rect", { class: "band", x: 10, y, width: width - 20, height: tall, rx: 8 }),
      drawn("text", { class: "layer", x: 22, y: y + 21 }, name),
    ]),
    arrows.map(([from, to, way]) =>
      drawn("path", { class: "arrow", d: way, "marker-end": "url(#tip)", "data-from": nodes[from].address, "data-to": nodes[to].address })),
    nodes.map(node));
  const picture = drawn("svg", { id: "picture", role: "group", tabindex: "-1", "aria-label": "Dependency graph. An arrow leads from what is needed to what needs it." },
    drawn("defs", {}, drawn("marker", { id: "tip", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" },
      drawn("path", { d: "M0 0L8 4L0 8z" }))),
    canvas);
  roving(picture, () => [...picture.querySelectorAll(".node")]);
  pan(picture);
  picture.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.0015), event.offsetX, event.offsetY);
  }, { passive: false });
  const button = (id, label, symbol, act) => html("button", { type: "button", id, "aria-label": label, title: label, onclick: act }, symbol);
  const whole = () => show([0, 0, width, height]);
  // Nothing has a size before it is shown.
  requestAnimationFrame(whole);
  return section("graph", "Dependencies",
    html("div", { class: "tools" },
      html("p", { class: "hint" }, "An arrow leads from what is needed to what needs it; what follows from other arrows is left out. Drag to move, turn the wheel to zoom."),
      html("div", { class: "buttons" }, button("zoom-out", "Zoom out", "−", () => zoom(1 / 1.3)), button("zoom-in", "Zoom in", "+", () => zoom(1.3)), button("zoom-whole", "Show the whole graph", "⤢", whole))),
    place(html("div", { class: "canvas" }, picture), { aspectRatio: `${width} / ${height}` }));
}

function node({ address, kind, symbol, words, tone, critical, name, x, y, width }) {
  const open = (event) => select(address, event.currentTarget);
  const line = (kind, down, text) => drawn("text", { class: kind, x: 12, y: down }, text);
  return drawn("g", {
    class: `node ${tone}${critical ? " critical" : ""}`, transform: `translate(${x} ${y})`, role: "button", "data-address": address,
    "aria-label": `${address}, ${words}${critical ? ", on the critical path" : ""}`, onclick: open,
    onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(event); } },
  },
  drawn("title", {}, address),
  drawn("rect", { width, height: data.graph.box, rx: 6 }),
  line("name", 18, name), line("mark", 33, `${symbol} ${words}${critical ? " ◆ critical" : ""}`), line("kind", 48, kind));
}

function move() {
  document.getElementById("canvas").setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.size})`);
}

/** Zooms about a point, by itself the middle. */
function zoom(by, x, y) {
  const { clientWidth, clientHeight } = document.getElementById("picture");
  const size = Math.min(Math.max(view.size * by, LIMITS[0]), LIMITS[1]);
  const [atX, atY] = [x ?? clientWidth / 2, y ?? clientHeight / 2];
  view.x = atX - (atX - view.x) * (size / view.size);
  view.y = atY - (atY - view.y) * (size / view.size);
  view.size = size;
  move();
}

/** Shows a part of the drawing as large as it fits. */
function show([x, y, width, height]) {
  const { clientWidth, clientHeight } = document.getElementById("picture");
  view.size = Math.min(Math.max(Math.min(clientWidth / width, clientHeight / height), LIMITS[0]), LIMITS[1]);
  view.x = (clientWidth - width * view.size) / 2 - x * view.size;
  view.y = (clientHeight - height * view.size) / 2 - y * view.size;
  move();
}

/** Brings a resource into the middle, so large that it can be read. */
function centre(address) {
  const found = data.graph?.nodes.find((one) => one.address === address);
  if (!found) return;
  const { clientWidth, clientHeight } = document.getElementById("picture");
  view.size = Math.max(view.size, 0.8);
  view.x = clientWidth / 2 - (found.x + found.width / 2) * view.size;
  view.y = clientHeight / 2 - (found.y + data.graph.box / 2) * view.size;
  move();
}

/** Drags the drawing. A click that did not move is a click. */
function pan(picture) {
  let from = null;
  picture.addEventListener("pointerdown", (event) => {
    if (event.button === 0) from = { x: event.clientX - view.x, y: event.clientY - view.y, startX: event.clientX, startY: event.clientY, moved: false };
  });
  picture.addEventListener("pointermove", (event) => {
    if (!from) return;
    if (!from.moved && Math.hypot(event.clientX - from.startX, event.clientY - from.startY) < 4) return;
    if (!from.moved) picture.setPointerCapture(event.pointerId);
    from.moved = true;
    view.x = event.clientX - from.x;
    view.y = event.clientY - from.y;
    move();
  });
  picture.addEventListener("pointerup", () => { from = null; });
  picture.addEventListener("pointercancel", () => { from = null; });
}

/** Shows what a resource needs and what needs it, and nothing else as clearly. */
function highlight(address) {
  const picture = document.getElementById("picture");
  if (!picture) return;
  const resource = resources.get(address);
  const [needs, dependents] = [new Set(resource?.needs), new Set(resource?.dependents)];
  picture.classList.toggle("chosen", Boolean(resource));
  for (const one of picture.querySelectorAll(".node")) {
    const of = one.dataset.address;
    one.classList.toggle("selected", of === address);
    one.classList.toggle("needed", needs.has(of));
    one.classList.toggle("needing", dependents.has(of));
  }
  for (const arrow of picture.querySelectorAll(".arrow")) {
    arrow.classList.toggle("needed", arrow.dataset.to === address);
    arrow.classList.toggle("needing", arrow.dataset.from === address);
  }
}
