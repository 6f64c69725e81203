"use strict";
// How the page is made: everything that is shown is set as text, never as markup.

const data = JSON.parse(document.getElementById("data").textContent);

/** Everything that is known of a resource, by its address. */
const resources = new Map(data.resources.map((resource) => [resource.address, resource]));

/** Sets attributes, listeners (`onclick`) and children, of which text becomes text. */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

/** An element of the page. */
function html(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** An element of a drawing. */
function drawn(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

/** A moment as a clock shows it: `8:21`. */
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A duration as people say it, like the terminal does. */
function spoken(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  return whole % 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole / 60} min`;
}

/** A part of the page under a heading, which the bar links to. */
function section(id, title, ...children) {
  return html("section", { id, "aria-labelledby": `${id}-title` }, html("h2", { id: `${id}-title` }, title), ...children);
}

/** An address that opens the resource's details. */
function link(address) {
  return html("button", { type: "button", class: "link", onclick: (event) => select(address, event.currentTarget) }, address);
}

/** A symbol with its words in the colour of its tone. */
function badge(tone, symbol, words) {
  return html("span", { class: `badge ${tone}` }, html("b", { "aria-hidden": "true" }, symbol), ` ${words}`);
}

/** Lets the arrow keys move between elements of which one is in the order of tabs; gives what puts another one there. */
function roving(container, items) {
  const enter = (item) => {
    items().forEach((other) => other.setAttribute("tabindex", other === item ? "0" : "-1"));
  };
  container.addEventListener("focusin", (event) => {
    const item = items().find((one) => one.contains(event.target));
    if (item) enter(item);
  });
  container.addEventListener("keydown", (event) => {
    const visible = items().filter((item) => !item.closest("[hidden]"));
    const at = visible.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: visible.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    visible[Math.min(Math.max(to, 0), visible.length - 1)].focus();
  });
  const [first] = items();
  if (first) enter(first);
  return enter;
}
